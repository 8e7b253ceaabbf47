"""OpenID Connect, the code flow with PKCE and nonce.

Source: OpenID Connect Core 1.0, section 3.1; Discovery 1.0; RFC 7636; RFC 9207.
"""
