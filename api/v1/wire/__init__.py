"""How each object looks in JSON: field names and types, no rules."""
