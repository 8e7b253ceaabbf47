"""The one way out to addresses that a tenant supplied: webhooks, sinks, metadata, tests of them.

`http.send` for requests, `sockets.connect` and `sockets.datagram` for anything else; both go by
`rules` (which scheme, which network) and connect to the very address that was judged.
"""
