"""What the console makes of an answer, as of the provider's NOW."""

from __future__ import annotations

from datetime import datetime

import pytest
from lxml import etree

from accounts.sso.claims import SignInRefused
from accounts.sso.saml import answer
from accounts.sso.saml.trust import Trust
from tests.accounts.sso.saml.provider import ACS, IDP, NOW, SP, encoded, pair


def trust(*certificates: str) -> Trust:
    own = certificates or (pair().certificate,)
    return Trust(IDP, "https://idp.example.com/sso", "", own, SP, ACS, "")


def verify(
    root: etree._Element | bytes, *certificates: str, now: datetime = NOW
) -> answer.Assertion:
    return answer.verify(encoded(root), trust(*certificates), now=now)


def reason(root: etree._Element | bytes, *certificates: str, now: datetime = NOW) -> str:
    """Why it is refused, in the word for machines."""
    with pytest.raises(SignInRefused) as refusal:
        verify(root, *certificates, now=now)
    assert refusal.value.cause
    assert refusal.value.remedy
    return refusal.value.reason
