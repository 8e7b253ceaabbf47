"""The first minute: the first person, their Organization, behind a one-time link."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction

from access.actor import system
from access.roles import Role
from accounts.models import Organization, OrganizationRoleBinding, User
from audit.record import record, snapshot
from web.errors import Conflict, InvalidInput, check_text


class SetUpLinkRefused(InvalidInput):
    title = "This link cannot be used"


_SALT = "accounts.setup"
_LOCK = 0x617374726F


def is_needed() -> bool:
    """True until somebody exists."""
    return not User.objects.exists()


def setup_link() -> str:
    """The address that lets its holder become the first person; void once somebody exists."""
    return f"{settings.BASE_URL}/setup/?key={signing.dumps(secrets.token_hex(8), salt=_SALT)}"


def check_key(key: str) -> None:
    """Raise Conflict when set-up is over, SetUpLinkRefused when `key` is not from our link."""
    if not is_needed():
        raise Conflict(
            "This console is already set up.", remedy="Sign in, or ask an Owner to invite you."
        )
    try:
        signing.loads(key, salt=_SALT, max_age=24 * 3600)
    except signing.BadSignature:
        raise SetUpLinkRefused(
            "It is not the whole set-up link, or older than a day.",
            remedy="Open the link that ./console up printed last; each start prints a new one.",
        ) from None


@transaction.atomic
def first_person(
    *, email: str, full_name: str, password: str | None, organization_name: str
) -> tuple[User, Organization]:
    """Make the first person, operator of the installation and Owner of the first Organization.

    Without a password they sign in by a reset link. Raises InvalidInput for what is no address
    or too long, Conflict when somebody exists.
    """
    _check_email(email)
    check_text("full_name", full_name, most=100)
    check_text("organization_name", organization_name, least=1, most=50)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if not is_needed():
        raise Conflict("This console is already set up.", remedy="Sign in instead.")
    user = User.objects.create_user(email, password, full_name=full_name, is_operator=True)
    organization = Organization.objects.create(name=organization_name)
    OrganizationRoleBinding.objects.create(
        organization=organization, user=user, role=Role.ORGANIZATION_OWNER
    )
    record(system("set-up"), "accounts.set_up", organization, after=snapshot(organization))
    return user, organization


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidInput(
            "This is not an e-mail address.", fields={"email": "Not an e-mail address"}
        ) from None
