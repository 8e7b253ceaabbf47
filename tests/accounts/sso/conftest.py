from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.core import context
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory

from access.actor import ANONYMOUS
from accounts.sso.claims import Claims


@pytest.fixture
def claims() -> Claims:
    """What a provider says of mia."""
    return Claims(subject="m-1", email="mia@example.com", name="Mia Meyer")


@pytest.fixture
def visit(rf: RequestFactory, db: None) -> Iterator[HttpRequest]:
    """A request of a browser in which nobody is signed in."""
    request: HttpRequest = rf.get("/", REMOTE_ADDR="203.0.113.9")
    request.session = Client().session
    request.user = AnonymousUser()
    request.actor = ANONYMOUS  # type: ignore[attr-defined]
    with context.request_context(request):
        yield request
