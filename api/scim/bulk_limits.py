"""How much one Bulk request may hold (RFC 7644, section 3.7.4)."""

from __future__ import annotations

MOST_OPERATIONS = 1_000
MOST_BYTES = 4 * 1024**2
"""Django takes no larger body either (`DATA_UPLOAD_MAX_MEMORY_SIZE`)."""
