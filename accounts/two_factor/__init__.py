"""Two-factor sign-in: what we ask of allauth.mfa beyond what it does by itself."""
