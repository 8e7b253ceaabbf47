"""Provisioned people: made, changed and removed by an identity provider."""

from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization, ProvisionedUser
from accounts.services.provisioning.admitting import admit
from accounts.services.provisioning.errors import taken
from accounts.services.provisioning.leaving import shut_out
from accounts.services.provisioning.wanted import WantedUser
from web.prepared import insert

Change = Callable[[ProvisionedUser], WantedUser]
"""From somebody as they are, locked, to how they shall be; may refuse."""


def create(organization: Organization, *, wanted: WantedUser, actor: Actor) -> ProvisionedUser:
    """Take somebody in: as a member at once where their address lies in a proven domain.

    Raises Taken for a userName, externalId or account that another of its users has.
    """
    try:
        return provision_user(organization, wanted=wanted, actor=actor)
    except IntegrityError as error:
        raise taken(error) or error from None


def change(record: ProvisionedUser, *, change: Change, actor: Actor) -> ProvisionedUser:
    """Make somebody as `change` says; `active` false shuts them out within a second.

    Raises Taken as `create`, Conflict for the Organization's last Owner, and what `change` raises.
    """
    try:
        return change_provisioned_user(record, change=change, actor=actor)
    except IntegrityError as error:
        raise taken(error) or error from None


@action(Permission.ORGANIZATION_SCIM_UPDATE, creates=True)
def provision_user(
    organization: Organization, *, wanted: WantedUser, actor: Actor
) -> ProvisionedUser:
    record = ProvisionedUser(organization=organization)
    _describe(record, wanted)
    if record.is_active:
        admit(record, actor=actor)
    return insert(record)


@action(Permission.ORGANIZATION_SCIM_UPDATE)
def change_provisioned_user(
    record: ProvisionedUser, *, change: Change, actor: Actor
) -> ProvisionedUser:
    was_active, had = record.is_active, record.user_id
    is_other = _describe(record, change(record))
    if record.is_active and (is_other or had is None):
        admit(record, actor=actor)
    elif was_active and not record.is_active:
        shut_out(record, actor=actor)
    if is_other or record.user_id != had:
        record.version += 1
        record.save()
    return record


@action(Permission.ORGANIZATION_SCIM_UPDATE)
def remove_provisioned_user(
    record: ProvisionedUser, *, check: Callable[[ProvisionedUser], object], actor: Actor
) -> None:
    """Shut somebody out and forget what the provider said; the account itself stays.

    `check` may refuse for what the record is by now. Raises Conflict for the last Owner.
    """
    check(record)
    if record.is_active:
        shut_out(record, actor=actor)
    record.delete()


def _describe(record: ProvisionedUser, wanted: WantedUser) -> bool:
    """Put what is wanted into the row, and say whether that is another thing than it was."""
    values = {
        "user_name": wanted.user_name,
        "user_name_key": wanted.user_name.lower(),
        "external_id": wanted.external_id,
        "is_active": record.is_active if wanted.is_active is None else wanted.is_active,
        "says_active": wanted.is_active is not None,
        "email": wanted.email,
        "full_name": wanted.full_name,
        "attributes": dict(wanted.attributes),
    }
    changed = [name for name, value in values.items() if getattr(record, name) != value]
    for name in changed:
        setattr(record, name, values[name])
    return bool(changed)
