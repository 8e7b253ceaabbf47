"""Codes of an authenticator app and recovery codes: each is good once.

allauth remembers a used code for 30 s in the cache. It is accepted for longer than that, since a
clock may be off by a step, so the last accepted step is kept with the secret instead.
"""

from __future__ import annotations

import hmac
import re

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.db import transaction

from accounts.models import User

_LAST = "last_counter"


def plain(code: str) -> str:
    """A code as it was meant: apps and people write it in groups."""
    return re.sub(r"[\s-]", "", code)


@transaction.atomic
def accept(user: User, code: str) -> Authenticator | None:
    """The method of this person that `code` belongs to; the code is spent with that."""
    methods = Authenticator.objects.select_for_update().filter(user=user).order_by("-type")
    for method in methods:
        is_app = method.type == Authenticator.Type.TOTP
        if is_app and spend(method, code):
            return method
        if method.type == Authenticator.Type.RECOVERY_CODES and method.wrap().validate_code(code):
            return method
    return None


def spend(app: Authenticator, code: str) -> bool:
    """Whether `code` is the app's, one step early or late at most, and of a step not used yet.

    Source: RFC 6238, section 5.2: a verifier accepts no one-time password twice.
    """
    step = step_of(decrypt(app.data["secret"]), code)
    if step is None or step <= app.data.get(_LAST, 0):
        return False
    app.data[_LAST] = step
    app.save(update_fields=["data"])
    return True


def step_of(secret: str, code: str) -> int | None:
    """The step of 30 s to which `code` belongs, of those that count now."""
    given = code.encode()
    for step in yield_hotp_counters_from_time():
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, step)).encode(), given):
            return int(step)
    return None
