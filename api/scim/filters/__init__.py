"""Filters (RFC 7644, section 3.4.2.2): read, asked of the database, or of one value in hand."""
