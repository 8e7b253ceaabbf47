"""Making what was decided true: the account, its link to the provider, the membership."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from access import scopes
from access.actor import Actor, Origin
from accounts import provisioned
from accounts.models import OrganizationRoleBinding, SsoConnection, SsoIdentity, User
from accounts.services import invitations
from accounts.sso import rules, squatters
from accounts.sso.claims import Claims
from accounts.sso.decisions import Decision, decide, require_given
from audit.record import record


@transaction.atomic
def settle(connection: SsoConnection, claims: Claims, *, origin: Origin) -> User:
    """Decide, and do it: the person whom to sign in. Raises SignInRefused.

    First sign-ins of one connection are settled one after the other, so that two at once make
    neither two accounts nor two members; and none while provisioning switches that person off.
    """
    first = decide(connection, claims)
    if not first.changes_nothing:
        SsoConnection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    provisioned.hold(connection.organization_id, first.addresses, first.user)
    decision = decide(connection, claims)
    require_given(connection, decision)
    user = decision.user or _account(decision, claims)
    actor = Actor(user.principal, origin)
    if decision.user is not None and not decision.is_member:
        squatters.shut_out(user)
    _link(connection, claims, user, decision, actor)
    if not decision.is_member:
        _join(connection, user, decision, actor)
    rules.apply(connection, user, claims, actor=actor)
    return user


def _account(decision: Decision, claims: Claims) -> User:
    """Without a password; the domain's owner vouches for the address."""
    user = User.objects.create_user(decision.email, full_name=claims.full_name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _link(
    connection: SsoConnection, claims: Claims, user: User, decision: Decision, actor: Actor
) -> None:
    now = timezone.now()
    own = {"connection": connection, "subject": claims.subject}
    if decision.is_known:
        SsoIdentity.objects.filter(**own).update(last_seen_at=now)
        return
    SsoIdentity.objects.create(**own, user=user, last_seen_at=now)
    after = {"email": user.email, "subject": claims.subject, "account": _how(decision)}
    record(actor, "accounts.sso_link", connection, after=after)


def _how(decision: Decision) -> str:
    return "linked" if decision.user else "made"


def _join(connection: SsoConnection, user: User, decision: Decision, actor: Actor) -> None:
    if decision.invitation is not None:
        invitations.accept(decision.invitation, user, actor=actor)
        return
    made = OrganizationRoleBinding.objects.create(
        organization=connection.organization,
        user=user,
        role=connection.default_role,
        is_by_rule=True,
    )
    after = {"email": user.email, "role": made.role, "connection": connection.name}
    record(actor, "accounts.sso_join", made, after=after)
    scopes.announce_on_commit(user.principal)
