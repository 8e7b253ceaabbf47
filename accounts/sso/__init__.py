"""Sign-in by an Organization's own identity provider.

`domains` says whose address is whose, `flows` remembers what was begun in which browser,
`oidc` and `saml` prove what a provider says, and `arrivals` decides what becomes of it.
"""
