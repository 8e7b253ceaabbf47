from __future__ import annotations


class BackupError(Exception):
    """No backup was made, or nothing was restored: what happened, and what a person does next."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}\n  {remedy}")
