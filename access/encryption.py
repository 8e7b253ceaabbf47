"""Secrets at rest: one text field that the database only ever sees encrypted."""

from __future__ import annotations

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class UnreadableSecretError(RuntimeError):
    """The value was encrypted with a key that this console no longer has."""


def encrypt(text: str) -> str:
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecretError(
            "A stored secret cannot be opened: its key is missing from ENCRYPTION_KEYS."
        ) from error


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted on its way into the database and readable in Python.

    The first of `settings.ENCRYPTION_KEYS` encrypts; all of them decrypt, so keys can be
    rotated. It cannot be searched.
    """

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared if prepared is None else encrypt(prepared)

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return value if value is None else decrypt(value)
