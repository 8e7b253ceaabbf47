"""There is a most of everything, and what lies outside of it is refused at its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from access.actor import Actor, system
from access.roles import Role
from accounts.models import (
    ApiToken,
    Installation,
    Organization,
    OrganizationRoleBinding,
    Team,
    User,
)
from accounts.services import (
    audit_filters,
    group_rules,
    invitations,
    members,
    organization_tokens,
    organizations,
    people,
    sign_up,
    sinks,
    sso_bypass,
    sso_connections,
    sso_domains,
    sso_metadata,
    teams,
    tenants,
    tokens,
)
from accounts.services.invitations import LinkEnded
from tests import factories
from tests.accounts.sso.fields import VALUES
from web.errors import Conflict, InvalidInput, NotFound

Make = Callable[[Organization, int, Actor], Any]
MOST: dict[str, tuple[Any, Make]] = {
    "MOST": (
        audit_filters,
        lambda acme, number, actor: audit_filters.save_filter(
            acme, name=f"f-{number}", narrowing="q=a", is_shared=False, actor=actor
        ),
    ),
    "MOST_RULES": (
        group_rules,
        lambda acme, number, actor: group_rules.create_group_rule(
            acme,
            wish=group_rules.Wish(f"g-{number}", Team.objects.get_or_create(organization=acme)[0]),
            actor=actor,
        ),
    ),
    "MOST_SINKS": (
        sinks,
        lambda acme, number, actor: sinks.create_sink(
            acme, kind="HTTP", name=f"s-{number}", target="https://example.com/", actor=actor
        ),
    ),
    "MOST_CONNECTIONS": (
        sso_connections,
        lambda acme, number, actor: sso_connections.create_connection(
            acme, kind="OIDC", values=VALUES | {"name": f"c-{number}"}, actor=actor
        ),
    ),
    "MOST_DOMAINS": (
        sso_domains,
        lambda acme, number, actor: sso_domains.claim_domain(
            acme, domain=f"d-{number}.example", actor=actor
        ),
    ),
}


@pytest.mark.parametrize("name", MOST)
def test_one_more_than_the_most_is_refused(
    name: str, acme: Organization, olivia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, make = MOST[name]
    monkeypatch.setattr(module, name, 2)
    actor = factories.actor(olivia)
    make(acme, 1, actor)
    make(acme, 2, actor)

    with pytest.raises(Conflict, match=r"most 2 |keep 2 "):
        make(acme, 3, actor)


SETTINGS: dict[str, Any] = {
    "name": "Acme",
    "allows_deprecated_runtimes": False,
    "audit_retention_days": None,
    "api_token_max_days": None,
}


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("audit_retention_days", 89),
        ("audit_retention_days", 3651),
        ("api_token_max_days", 0),
        ("api_token_max_days", 3651),
    ],
)
def test_days_of_an_organization(field: str, days: int, acme: Organization, olivia: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        organizations.update_organization(
            acme, **SETTINGS | {field: days}, actor=factories.actor(olivia)
        )

    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("days", [0, 31])
def test_days_of_an_invitation(days: int, acme: Organization, olivia: User) -> None:
    with pytest.raises(InvalidInput, match="From 1 to 30 days"):
        invitations.invite(
            acme,
            email="new@example.com",
            role=Role.ORGANIZATION_MEMBER,
            days=days,
            actor=factories.actor(olivia),
        )


def test_an_invitation_offers_roles_of_workspaces_alone(acme: Organization, olivia: User) -> None:
    with pytest.raises(InvalidInput, match="Not a role of a Workspace"):
        invitations.invite(
            acme,
            email="new@example.com",
            role=Role.ORGANIZATION_MEMBER,
            workspace_roles={"any": "DEPLOYMENT_ADMIN"},
            actor=factories.actor(olivia),
        )


@pytest.mark.parametrize("ended", ["accepted_at", "revoked_at"])
def test_an_ended_invitation_is_neither_renewed_nor_revoked(
    ended: str, acme: Organization, olivia: User
) -> None:
    actor = factories.actor(olivia)
    made = invitations.invite(
        acme, email="new@example.com", role=Role.ORGANIZATION_MEMBER, actor=actor
    )
    setattr(made, ended, made.created_at)
    made.save()

    for act in (invitations.renew_invitation, invitations.revoke_invitation):
        with pytest.raises(LinkEnded):
            act(made, actor=actor)


def test_a_filter_that_is_too_long_is_not_kept(acme: Organization, olivia: User) -> None:
    with pytest.raises(InvalidInput, match="nothing to keep"):
        audit_filters.save_filter(
            acme, name="f", narrowing="q" * 20_000, is_shared=False, actor=factories.actor(olivia)
        )


def test_a_machine_keeps_no_filters(acme: Organization) -> None:
    with pytest.raises(InvalidInput, match="Only people"):
        audit_filters.save_filter(
            acme, name="f", narrowing="q=a", is_shared=False, actor=system("test")
        )


def test_a_team_takes_so_many_at_once(
    crew: Team, olivia: User, mia: User, bill: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teams, "MOST_AT_ONCE", 1)

    with pytest.raises(InvalidInput, match="At most 1 addresses"):
        teams.add_team_members(crew, emails=[mia.email, bill.email], actor=factories.actor(olivia))


@pytest.mark.parametrize(
    ("policy", "domains", "words"),
    [
        ("PERHAPS", [], "no such policy"),
        ("DOMAINS", [], "No domain is listed"),
        ("DOMAINS", [f"d-{number}.example" for number in range(2)], "At most 1 domains"),
    ],
)
def test_who_may_sign_up(
    policy: str,
    domains: list[str],
    words: str,
    opal: User,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.HAS_MAIL = True
    monkeypatch.setattr(sign_up, "MOST_DOMAINS", 1)

    with pytest.raises(InvalidInput, match=words):
        sign_up.set_sign_up(
            Installation.current(), policy=policy, domains=domains, actor=factories.actor(opal)
        )


def test_a_bypass_lasts_one_of_three_times(acme: Organization, olivia: User) -> None:
    with pytest.raises(InvalidInput, match="1, 8 or 24"):
        sso_bypass.make_bypass(acme, hours=2, actor=factories.actor(olivia))


def test_a_bypass_of_a_machine_names_nobody(acme: Organization) -> None:
    assert sso_bypass.make_bypass(acme, actor=system("test")).created_by_id is None


def test_a_suspended_organization_is_not_suspended_again(acme: Organization, opal: User) -> None:
    actor = factories.actor(opal)
    tenants.suspend(acme, reason="unpaid", contact="", actor=actor)

    with pytest.raises(Conflict, match="suspended already"):
        tenants.suspend(acme, reason="twice", contact="", actor=actor)


def test_people_alone_change_their_name(olivia: User, mia: User) -> None:
    with pytest.raises(InvalidInput, match="Only people themselves"):
        people.rename(mia, full_name="Another", actor=factories.actor(olivia))


def test_a_token_is_no_member(acme: Organization, olivia: User, robot_token: ApiToken) -> None:
    held = OrganizationRoleBinding.objects.get(api_token=robot_token)

    with pytest.raises(InvalidInput, match="belongs to an API token"):
        members.remove_member(held, actor=factories.actor(olivia))


def test_a_void_token_is_neither_changed_nor_rotated(
    acme: Organization, olivia: User, robot_token: ApiToken
) -> None:
    held = OrganizationRoleBinding.objects.get(api_token=robot_token)
    robot_token.expires_at = robot_token.created_at
    robot_token.save()
    with pytest.raises(Conflict, match="revoked or has expired"):
        organization_tokens.rotate_token(held, actor=factories.actor(olivia))

    robot_token.revoked_at = robot_token.created_at
    robot_token.save()
    with pytest.raises(NotFound, match="was deleted"):
        organization_tokens.rotate_token(held, actor=factories.actor(olivia))
    assert not tokens.is_usable(robot_token.pk)
    assert not tokens.is_usable("nobody's")


def test_a_domain_is_given_up_by_its_name(acme: Organization, olivia: User) -> None:
    actor = factories.actor(olivia)
    claimed = sso_domains.claim_domain(acme, domain="acme.example", actor=actor)

    with pytest.raises(InvalidInput, match="does not match"):
        sso_domains.remove_domain(claimed, typed_name="acme", actor=actor)


def test_a_connection_has_a_name_of_its_own(acme: Organization, olivia: User) -> None:
    actor = factories.actor(olivia)
    made = sso_connections.create_connection(acme, kind="OIDC", values=VALUES, actor=actor)

    with pytest.raises(Conflict, match="has this name"):
        sso_connections.create_connection(acme, kind="OIDC", values=VALUES, actor=actor)
    with pytest.raises(InvalidInput, match="no metadata address"):
        sso_metadata.refresh(made, actor=actor)
