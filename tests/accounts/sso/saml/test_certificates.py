"""Certificates are read in the time that a few of them take, whoever wrote the text."""

from __future__ import annotations

import pytest

from accounts.sso.saml import certificates
from web.errors import InvalidInput

BEGIN = "-----BEGIN CERTIFICATE-----"


def test_a_text_that_is_longer_than_certificates_are_is_not_searched() -> None:
    with pytest.raises(InvalidInput, match=r"at most 20,000 characters"):
        certificates.taken(BEGIN * 40_000)


def test_beginnings_without_an_end_are_no_certificate() -> None:
    with pytest.raises(InvalidInput, match="no certificate"):
        certificates.taken(BEGIN * 700)
