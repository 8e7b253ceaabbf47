from __future__ import annotations

import pytest

from accounts.models import SsoConnection, SsoDomain
from tests import factories
from tests.accounts.sso.saml.provider import IDP, pair


@pytest.fixture
def saml(acme_domain: SsoDomain) -> SsoConnection:
    """Acme's active provider by SAML, whose key is that of `provider.pair()`."""
    return factories.sso_connection(
        acme_domain,
        kind="SAML",
        name="Okta",
        idp_entity_id=IDP,
        sso_url="https://idp.example.com/sso",
        slo_url="https://idp.example.com/slo",
        certificates=[pair().certificate],
    )
