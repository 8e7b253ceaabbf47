"""SAML 2.0, Web Browser SSO and Single Logout: the console as service provider.

`document` reads what came and refuses what no provider sends, `signature` proves whose it is,
`answer` whether it is for us and of now; `messages` writes what goes out, `metadata` reads what a
provider says of itself. None of these knows a request or a table; `door` and `parking` do.
"""
