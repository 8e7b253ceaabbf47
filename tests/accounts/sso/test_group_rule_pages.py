"""The pages of group rules show what a rule would do, and each reader what they may know of."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from access.roles import Role
from accounts.models import GroupRule, Organization, User
from accounts.services import group_rules as services
from accounts.services.group_rules import Wish
from tests import factories
from tests.accounts.sso.conftest import Come, Write
from workspaces.models import Workspace, WorkspaceRoleBinding


def test_a_place_that_a_reader_may_not_know_of_has_no_name(
    client: Client, acme: Organization, olivia: User, science: Workspace
) -> None:
    factories.role_rule(science, "data", Role.WORKSPACE_AUTHOR)
    clerk = factories.narrow("clerk", acme, "organization.ssoConnections.update")
    address = reverse("accounts:group_rules", args=[acme.pk])

    client.force_login(olivia)
    assert "Data Science" in client.get(address).content.decode()
    client.force_login(clerk)
    narrow = client.get(address).content.decode()
    assert "Data Science" not in narrow
    assert "a Workspace that you may not see" in narrow


def test_a_rule_is_previewed_saved_changed_and_removed(
    client: Client, acme: Organization, olivia: User, mia: User, science: Workspace, come: Come
) -> None:
    come(mia, "data")
    client.force_login(olivia)
    new = reverse("accounts:group_rule_new", args=[acme.pk])
    fields = {"group": "data", "place": f"workspace:{science.pk}", "role": "WORKSPACE_AUTHOR"}

    looked = client.post(new, fields | {"look": "1"}).content.decode()
    assert "Mia becomes Author in Workspace Data Science" in looked
    assert "Nothing was saved yet" in looked
    assert not GroupRule.objects.exists()

    asked = client.post(new, fields)
    assert asked.status_code == 422
    tried = f"data|workspace:{science.pk}|WORKSPACE_AUTHOR"
    assert f'value="{tried}"' in asked.content.decode()

    saved = client.post(new, fields | {"tried": tried}, follow=True).content.decode()
    made = GroupRule.objects.get()
    assert "The rule counts from now on." in saved
    assert WorkspaceRoleBinding.objects.get(user=mia).is_by_rule

    page = reverse("accounts:group_rule", args=[acme.pk, made.pk])
    looked = client.post(page, {"look_at_removal": "1"}).content.decode()
    assert "Mia loses Author in Workspace Data Science" in looked
    client.post(page, {"remove": "1"})
    assert not GroupRule.objects.exists()
    assert not WorkspaceRoleBinding.objects.filter(user=mia).exists()


def test_a_stale_form_is_refused_and_keeps_what_was_typed(
    client: Client, acme: Organization, olivia: User, science: Workspace, write: Write
) -> None:
    made = write("data", science, Role.WORKSPACE_AUTHOR)
    old = made.version
    wish = Wish("ops", science, Role.WORKSPACE_AUTHOR)
    services.change_group_rule(made, wish=wish, actor=factories.actor(olivia))
    client.force_login(olivia)
    page = reverse("accounts:group_rule", args=[acme.pk, made.pk])
    typed = {
        "group": "typed", "place": f"workspace:{science.pk}", "role": "WORKSPACE_MEMBER",
        "seen": old, "tried": f"typed|workspace:{science.pk}|WORKSPACE_MEMBER",
    }  # fmt: skip

    answer = client.post(page, typed)

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed this rule meanwhile. By now it reads: ops" in shown
    assert 'value="typed"' in shown
    made.refresh_from_db()
    assert made.group == "ops"
    client.post(page, typed | {"seen": made.version})
    made.refresh_from_db()
    assert made.group == "typed"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"group": ""}, "This field is required"),
        ({"place": "workspace:none"}, "Select a valid choice"),
        ({"role": ""}, "Choose a role"),
        ({"role": "DEPLOYMENT_ADMIN"}, "Choose one of the list"),
    ],
)
def test_a_bad_field_is_named(
    client: Client, acme: Organization, olivia: User, science: Workspace,
    fields: dict[str, str], words: str,
) -> None:  # fmt: skip
    client.force_login(olivia)
    good = {"group": "data", "place": f"workspace:{science.pk}", "role": "WORKSPACE_AUTHOR"}
    answer = client.post(reverse("accounts:group_rule_new", args=[acme.pk]), good | fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_rule_whose_place_is_gone_says_so(
    client: Client, acme: Organization, olivia: User, science: Workspace, write: Write
) -> None:
    write("data", science, Role.WORKSPACE_AUTHOR)
    science.delete()
    client.force_login(olivia)
    shown = client.get(reverse("accounts:group_rules", args=[acme.pk])).content.decode()
    assert "deleted" in shown
    assert "the rule gives nothing" in shown
