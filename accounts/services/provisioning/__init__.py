"""What an identity provider does to an Organization by SCIM: its people come, change and go."""
