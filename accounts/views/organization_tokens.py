"""API tokens of an Organization: their pages are those of every scope."""

from __future__ import annotations

from typing import Any

from accounts import navigation, queries
from accounts.models import Organization
from accounts.routes import PageRequest
from accounts.services import organization_tokens as services
from accounts.views.tokens import Deeds, TokenPlace
from web.navigation import Crumb


def _enter(request: PageRequest, organization: Organization, *crumbs: Crumb) -> dict[str, Any]:
    navigation.enter(request, organization, *crumbs)
    return {"organization": organization}


PLACE = TokenPlace(
    home=services.HOME,
    namespace="accounts",
    find=queries.organization,
    enter=_enter,
    deeds=Deeds(
        create=services.create_token,
        update=services.update_token,
        rotate=services.rotate_token,
        delete=services.delete_token,
    ),
)
