"""What a Deployment takes when it is created and changed, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest
from django.test import Client
from django.urls import reverse

from access.roles import Role
from accounts.models import Organization, User
from deployments import services
from deployments.models import Cluster, Deployment
from deployments.services import access, variables
from deployments.services.create import NewDeployment
from deployments.services.update import current
from tests import factories
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def test_an_address_drawn_twice_at_the_same_moment_says_to_send_it_again(
    science: Workspace, etl: Deployment, olivia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("deployments.services.create")  # `services.create` is its function
    monkeypatch.setattr(module, "new_namespace", lambda: etl.namespace)
    wanted = NewDeployment(name="twin", runtime_version="3.3-8", cluster=factories.memory_cluster())

    with pytest.raises(Conflict, match="same address") as refused:
        services.create(science, wanted=wanted, actor=factories.actor(olivia))
    assert refused.value.remedy == "Send it again: it draws another one."


def test_a_deployment_is_created_once(
    science: Workspace, etl: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = factories.deployment(science, "again")
    Deployment.objects.filter(pk=again.pk).delete()
    again.pk = etl.pk

    with pytest.raises(Conflict, match="created a moment ago"):
        import_module("deployments.services.create").save(again, is_new=True)


def test_another_organizations_cluster_is_not_there(
    science: Workspace, umbrella: Organization, olivia: User
) -> None:
    cluster = Cluster.objects.create(name="theirs", backend="memory", organization=umbrella)
    wanted = NewDeployment(name="new", runtime_version="3.3-8", cluster=cluster)

    with pytest.raises(InvalidInput, match="no such cluster"):
        services.create(science, wanted=wanted, actor=factories.actor(olivia))


def test_a_failed_wish_is_retried_before_anything_is_changed(etl: Deployment, olivia: User) -> None:
    Deployment.objects.filter(pk=etl.pk).update(status="UNHEALTHY", wish="STOPPED")
    etl.refresh_from_db()

    with pytest.raises(Conflict, match="failed") as refused:
        services.set_variable(etl, variables.Variable("A", "1"), actor=factories.actor(olivia))
    assert refused.value.remedy.startswith("Retry it first")
    renamed = replace(current(etl), name="renamed")
    with pytest.raises(Conflict, match="failed"):
        services.update(etl, wanted=renamed, actor=factories.actor(olivia))


def test_one_variable_more_than_the_most_is_refused(
    etl: Deployment, olivia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variables, "MOST_VARIABLES", 1)
    many = [variables.Variable(key, "1") for key in "AB"]

    with pytest.raises(InvalidInput, match="at most 1 variables"):
        services.replace_all(etl, many, loaded="", actor=factories.actor(olivia))


def test_a_stranger_is_given_no_role(etl: Deployment, olivia: User, oscar: User) -> None:
    with pytest.raises(InvalidInput, match="Nobody in Acme"):
        access.give_person(
            etl, email=oscar.email, role=Role.DEPLOYMENT_ADMIN, actor=factories.actor(olivia)
        )


def test_who_may_not_create_anywhere_is_told_by_whom(
    client: Client, acme: Organization, wanda: User, etl: Deployment
) -> None:
    client.force_login(wanda)

    page = client.get(reverse("deployments:list", args=[acme.pk])).content.decode()

    assert "Needs Workspace Operator in one of the Workspaces" in page
