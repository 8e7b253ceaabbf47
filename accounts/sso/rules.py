"""What the groups that an identity provider names are worth here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from access.actor import Actor
from accounts.group_rules import applying, heard
from accounts.group_rules.steps import Step, steps
from accounts.models import SsoConnection, User
from accounts.sso.claims import Claims


def apply(
    connection: SsoConnection, user: User, claims: Claims, *, actor: Actor
) -> tuple[str, ...]:
    """Bring Teams and roles of somebody who signs in up to their groups, in the caller's
    transaction. Answers what changed, in words."""
    heard.hear(connection, user, claims.groups)
    organization = connection.organization
    done = applying.bring_up_to_date(organization, [user.pk], actor=actor)
    return tuple(map(str, done))


def forget(connection: SsoConnection, *, actor: Actor) -> None:
    """Take what the groups gave that this provider named, in the caller's transaction."""
    people = heard.forget(connection)
    applying.bring_up_to_date(connection.organization, people, actor=actor)


@transaction.atomic
def forget_old(now: datetime, *, actor: Actor) -> None:
    """The same for whom no provider has named in groups for 30 days, in every Organization."""
    for organization, people in heard.forget_old(now).items():
        applying.bring_up_to_date(organization, people, actor=actor)


def preview(connection: SsoConnection, user: User | None, claims: Claims) -> tuple[str, ...]:
    """What `apply` would change, for the page of a test. None: for an account yet to be made."""
    organization = connection.organization
    person = user or User(email=claims.email, full_name=claims.full_name)
    groups = heard.groups_of(organization, [person.pk])
    groups[person.pk] = {*groups.get(person.pk, ()), *claims.groups}
    found = steps(organization, [person], groups, applying.rules(organization))
    return tuple(map(str, filter(_counts, found)))


def _counts(step: Step) -> bool:
    return step.changes or step.is_kept
