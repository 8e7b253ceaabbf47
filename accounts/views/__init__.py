"""The pages of Organization and people."""
