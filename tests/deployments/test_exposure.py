"""Where Deployments are not isolated, pages say so and a second Organization needs a setting."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from deployments import services
from deployments.exposure import exposure
from deployments.models import Cluster, Deployment
from deployments.services.create import NewDeployment
from tests import factories
from tests.deployments.driving import backend
from web.errors import Conflict
from workspaces.models import Workspace

REASON = "All run as one user. Start the console as root."


@pytest.fixture
def village(db: None) -> Cluster:
    """A cluster where everybody can look into everybody's house."""
    return Cluster.objects.create(name="village", backend="memory", options={"exposure": REASON})


def create(user: User, workspace: Workspace, cluster: Cluster, name: str) -> Deployment:
    wanted = NewDeployment(name=name, runtime_version="3.3-8", cluster=cluster)
    return services.create(workspace, wanted=wanted, actor=factories.actor(user))


def test_the_pages_say_so(
    client: Client, olivia: User, science: Workspace, village: Cluster
) -> None:
    made = create(olivia, science, village, "one")
    client.force_login(olivia)

    before = client.get(reverse("deployments:create", args=[science.pk])).content.decode()
    after = client.get(reverse("deployments:detail", args=[made.pk])).content.decode()

    assert "Deployments on the cluster village are not isolated" in before
    assert REASON in before
    assert REASON in after


def test_they_are_silent_where_it_is_isolated(
    client: Client, olivia: User, science: Workspace, etl: Deployment
) -> None:
    client.force_login(olivia)

    page = client.get(reverse("deployments:detail", args=[etl.pk])).content.decode()

    assert "A user, a home, a database role of its own" in page


def test_a_second_organization_is_refused_with_the_next_step(
    olivia: User, oscar: User, science: Workspace, lab: Workspace, village: Cluster
) -> None:
    create(olivia, science, village, "one")
    create(olivia, science, village, "two")

    with pytest.raises(Conflict) as refusal:
        create(oscar, lab, village, "three")

    assert "does not isolate" in refusal.value.cause
    assert REASON in refusal.value.remedy
    assert "ASTRO_UI_SHARE_UNISOLATED=true" in refusal.value.remedy
    assert Deployment.objects.filter(cluster=village).count() == 2


def test_the_setting_allows_it(
    olivia: User,
    oscar: User,
    science: Workspace,
    lab: Workspace,
    village: Cluster,
    settings: Settings,
) -> None:
    settings.SHARE_UNISOLATED = True
    create(olivia, science, village, "one")

    assert create(oscar, lab, village, "two").cluster == village


def test_isolation_needs_no_setting(
    olivia: User, oscar: User, science: Workspace, lab: Workspace
) -> None:
    cluster = factories.memory_cluster()
    create(olivia, science, cluster, "one")

    assert create(oscar, lab, cluster, "two").cluster == cluster


def test_a_cluster_that_does_not_answer_is_not_known_to_isolate(
    olivia: User, oscar: User, science: Workspace, lab: Workspace
) -> None:
    cluster = Cluster.objects.create(name="far", backend="memory", options={"exposure": ""})
    made = create(olivia, science, cluster, "one")
    backend(made).fall_silent()

    assert exposure(cluster).startswith("Whether Deployments are isolated is not known.")
    with pytest.raises(Conflict):
        create(oscar, lab, cluster, "two")
