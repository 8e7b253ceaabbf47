"""The way in past a domain's rule, for the day on which the identity provider is down.

One link an Organization, good once and for hours; whoever uses it still needs their password and
their second factor. Making another ends it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization, OrganizationRoleBinding, SsoBypass, User
from audit.record import record, record_refusal
from web.errors import DomainError, InvalidInput

HOURS = (1, 8, 24)
_USUAL = HOURS[0]


class BypassRefused(DomainError):
    status = 403
    title = "The bypass link does not let you in"


@action(Permission.ORGANIZATION_SSO_BYPASS_ROTATE, creates=True)
def make_bypass(organization: Organization, *, hours: int = _USUAL, actor: Actor) -> SsoBypass:
    """Make the link, which the answer shows this once; one that there was ends.

    Raises InvalidInput for another life than 1, 8 or 24 hours.
    """
    if hours not in HOURS:
        raise InvalidInput("Choose 1, 8 or 24 hours.", fields={"hours": "Choose from the list"})
    secret = secrets.token_urlsafe(32)
    SsoBypass.objects.filter(organization=organization).delete()
    made = SsoBypass.objects.create(
        organization=organization,
        secret_hash=_hash(secret),
        created_by_id=actor.principal.id if _is_person(actor) else None,
        expires_at=timezone.now() + timedelta(hours=hours),
    )
    path = reverse("accounts:sso_bypass_open", args=[made.pk, secret])
    made.link = f"{settings.BASE_URL}{path}"
    return made


@action(Permission.ORGANIZATION_SSO_BYPASS_DELETE)
def delete_bypass(bypass: SsoBypass, *, actor: Actor) -> SsoBypass:
    """End the link, used or not."""
    bypass.delete()
    return bypass


def opened(bypass_id: str, secret: str) -> SsoBypass:
    """The usable link of this secret. Raises BypassRefused."""
    rows = SsoBypass.objects.select_related("organization")
    found = rows.filter(pk=bypass_id).first()
    if found is None or not secrets.compare_digest(found.secret_hash, _hash(secret)):
        raise _ended()
    if not found.is_usable:
        raise _ended()
    return found


def usable(bypass_id: str) -> SsoBypass | None:
    """The link that a browser opened before, while it can be used."""
    found = SsoBypass.objects.select_related("organization").filter(pk=bypass_id).first()
    return found if found is not None and found.is_usable else None


def require_guest(bypass: SsoBypass, user: User, *, by_password: bool, actor: Actor) -> None:
    """Raise BypassRefused, and write it down, for who is no member, gave no password, or has no
    second factor."""
    members = OrganizationRoleBinding.objects.filter(organization_id=bypass.organization_id)
    if not members.filter(user=user).exists():
        record_refusal(actor, "accounts.use_bypass", bypass)
        raise BypassRefused("It is for members of its Organization.")
    if not by_password:
        record_refusal(actor, "accounts.use_bypass", bypass)
        raise BypassRefused(
            "It asks for your password and then for a second factor, and a passkey is one of them.",
            remedy="Enter your e-mail address and password on the sign-in page.",
        )
    if not is_mfa_enabled(user):
        record_refusal(actor, "accounts.use_bypass", bypass)
        raise BypassRefused(
            "It needs a second factor, and your account has none.",
            remedy="Another Owner, who has one, can use it.",
        )


@transaction.atomic
def spend(bypass: SsoBypass, user: User, *, actor: Actor) -> None:
    """Note that it was used: it is over. Raises BypassRefused where somebody was faster."""
    fresh = SsoBypass.objects.select_for_update(no_key=True).filter(pk=bypass.pk).first()
    if fresh is None or not fresh.is_usable:
        raise _ended()
    fresh.used_at, fresh.used_by = timezone.now(), user
    fresh.save(update_fields=["used_at", "used_by"])
    record(actor, "accounts.use_bypass", fresh, after={"used_by": user.email})


def _is_person(actor: Actor) -> bool:
    return User.objects.filter(pk=actor.principal.id).exists()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _ended() -> BypassRefused:
    return BypassRefused(
        "It was used, has expired, or was replaced by another.",
        remedy="Ask an Owner for a new one.",
    )
