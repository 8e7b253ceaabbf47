"""Help for somebody who is locked out, given by whoever runs the console."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from access.actor import Actor
from accounts.services.people import organizations_of
from accounts.services.security import person_with
from audit.record import record


def reset_link(email: str, *, actor: Actor) -> str:
    """A link to choose a new password: works once, and for as long as a mailed one.

    Raises NotFound when nobody has this address.
    """
    user = person_with(email)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
    for organization in organizations_of(user):
        record(actor, "accounts.reset_link", organization, after={"email": user.email})
    return f"{settings.BASE_URL}{path}"
