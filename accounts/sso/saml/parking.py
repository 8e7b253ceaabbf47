"""Between the provider's POST and our own page: an answer waits for its browser.

Browsers send no session with a form that another site posts. So what was proven is kept under a
ticket, the browser is led to an address of ours, and only there its session is asked what it began.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.models import SamlAnswer, SsoConnection
from accounts.sso.saml.answer import Assertion
from accounts.sso.saml.document import refused

WAITS = timedelta(minutes=2)
_CLEARED_AT_ONCE = 100


def park(connection: SsoConnection, said: Assertion, *, now: datetime) -> str:
    """Keep it, and answer its ticket.

    Raises SignInRefused for an assertion that came before, whichever process took it.
    """
    _clear(now)
    ticket = secrets.token_urlsafe(32)
    content = {**asdict(said), "expires_at": said.expires_at.isoformat()}
    try:
        with transaction.atomic():
            SamlAnswer.objects.create(
                connection=connection,
                digest=_digest(said.id),
                ticket=_digest(ticket),
                content=json.dumps(content),
                expires_at=max(said.expires_at, now + WAITS),
            )
    except IntegrityError:
        raise refused("replay", "This answer was used before.") from None
    return ticket


def take(connection: SsoConnection, ticket: str, *, now: datetime) -> Assertion | None:
    """What waits under a ticket, once and for two minutes."""
    rows = SamlAnswer.objects.select_for_update()
    with transaction.atomic():
        row = rows.filter(connection=connection, ticket=_digest(ticket)).first()
        if row is None:
            return None
        content, parked_at = json.loads(row.content), row.parked_at
        row.ticket, row.content = None, ""
        row.save(update_fields=["ticket", "content"])
    if now - parked_at > WAITS:
        return None
    attributes = {name: tuple(values) for name, values in content.pop("attributes").items()}
    end = datetime.fromisoformat(content.pop("expires_at"))
    return Assertion(**content, attributes=attributes, expires_at=end)


def is_unasked(connection: SsoConnection, ticket: str) -> bool:
    """Whether what waits answers no request of ours: the sign-in began at the provider."""
    row = SamlAnswer.objects.filter(connection=connection, ticket=_digest(ticket)).first()
    return row is not None and not json.loads(row.content)["in_response_to"]


def _clear(now: datetime) -> None:
    """What has expired counts no more by itself; a few of them go with each that comes."""
    ended = SamlAnswer.objects.filter(expires_at__lte=now).values_list("pk", flat=True)
    SamlAnswer.objects.filter(pk__in=list(ended[:_CLEARED_AT_ONCE])).delete()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
