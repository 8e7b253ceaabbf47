"""SCIM 2.0 (RFC 7643, 7644): the door through which identity providers keep people and groups."""
