"""The audit key may be changed: what the former one signed can still be verified."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from astro_ui.keys import KeyStore, public_pem
from audit import heads, sealing
from audit.models import AuditRecord
from audit.verify import verify
from tests.audit.rows import written


def change_key(settings: Settings, store: KeyStore, folder: Path) -> None:
    """As a start of the console with another key does."""
    (folder / "audit_key.pem").unlink(missing_ok=True)
    settings.AUDIT_PRIVATE_KEY = store.audit_key()
    settings.AUDIT_PUBLIC_KEYS = store.audit_public_keys(settings.AUDIT_PRIVATE_KEY)


@pytest.mark.usefixtures("book")
def test_a_log_is_sound_across_a_change_of_its_key(settings: Settings, tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "secrets")
    store.audit_public_keys(settings.AUDIT_PRIVATE_KEY)
    before = heads.fingerprint()
    change_key(settings, store, tmp_path / "secrets")
    written("after the change")
    sealing.seal_all()
    heads.publish()

    assert heads.fingerprint() != before
    assert verify().findings == []


def test_without_the_former_key_its_lines_are_not_believed(
    settings: Settings, tmp_path: Path, book: list[AuditRecord]
) -> None:
    change_key(settings, KeyStore(tmp_path / "secrets"), tmp_path / "secrets")

    assert any("not signed by this console" in each for each in verify().findings)


def test_each_key_is_kept_once_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    first = store.audit_key()
    (tmp_path / "audit_key.pem").unlink()
    second = store.audit_key()

    for key in (first, first, second, first):
        kept = store.audit_public_keys(key)

    assert kept == [public_pem(first), public_pem(second)]
    assert (tmp_path / "audit_public_keys.pem").stat().st_mode & 0o777 == 0o600
