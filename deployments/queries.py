"""What can be asked about Deployments; each question takes the actor who asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Aggregate, Case, DurationField, ExpressionWrapper, F, QuerySet, When
from django.utils import timezone

from access.actor import Actor
from access.permissions import Permission
from accounts.models import Organization
from deployments.lifecycle import RETENTION, Status
from deployments.models import Cluster, Deploy, Deployment, Operation, OperationStep, StatusChange
from deployments.provisioners.base import StepState
from runtime import catalogue, pythons
from runtime.catalogue import RuntimeRelease
from web.errors import Unavailable
from web.prepared import Prepared
from workspaces.models import Workspace

TRAY_TIME = timedelta(days=1)
"""How long an ended operation stays in the tray of who started it."""
_SAMPLE = 30

_by_id = Prepared(
    lambda pk: (
        Deployment.objects.present()
        .filter(pk=pk)
        .select_related("workspace", "organization", "cluster", "current_deploy")
        .order_by()
    )
)
_to_change = Prepared(
    lambda pk: Deployment.objects.present().filter(pk=pk).select_related("cluster").order_by()
)


def deployments(actor: Actor) -> QuerySet[Deployment]:
    """All that the actor may see, with what lists show of them."""
    visible = Deployment.objects.present().visible_to(actor, Permission.DEPLOYMENT_GET)
    return visible.select_related("workspace", "cluster", "current_deploy")


def deployment(actor: Actor, deployment_id: str) -> Deployment:
    """One of them. Raises NotFound for what is missing or hidden."""
    row = _by_id.first(deployment_id)
    return Deployment.objects.shown(row, actor, Permission.DEPLOYMENT_GET, pk=deployment_id)


def deployment_to_change(actor: Actor, deployment_id: str) -> Deployment:
    """As `deployment`, but only what an action needs: it reads the row anew anyway."""
    row = _to_change.first(deployment_id)
    return Deployment.objects.shown(row, actor, Permission.DEPLOYMENT_GET, pk=deployment_id)


def deleted(actor: Actor) -> QuerySet[Deployment]:
    """The deleted ones that can still be restored, the newest first."""
    retained = Deployment.objects.filter(
        status=Status.DELETED, deleted_at__gt=timezone.now() - RETENTION
    )
    return (
        retained.visible_to(actor, Permission.DEPLOYMENT_GET)
        .select_related("workspace", "cluster")
        .order_by("-deleted_at", "pk")
    )


def deleted_deployment(actor: Actor, deployment_id: str) -> Deployment:
    """A restorable one. Raises NotFound also once its retention has ended."""
    return Deployment.objects.filter(
        status=Status.DELETED, deleted_at__gt=timezone.now() - RETENTION
    ).get_visible(actor, Permission.DEPLOYMENT_GET, pk=deployment_id)


def expired() -> QuerySet[Deployment]:
    """Deleted ones whose retention has ended: what the purge removes."""
    return Deployment.objects.filter(
        status=Status.DELETED, deleted_at__lte=timezone.now() - RETENTION
    )


def deploys(actor: Actor, of: Deployment) -> QuerySet[Deploy]:
    """Its deploys, newest first."""
    visible = Deploy.objects.visible_to(actor, Permission.DEPLOYMENT_DEPLOYS_GET)
    return visible.filter(deployment=of).select_related("rollback_from")


def deploy(actor: Actor, of: Deployment, deploy_id: str) -> Deploy:
    """One of them. Raises NotFound for what is missing, hidden or another Deployment's."""
    return Deploy.objects.select_related("deployment", "rollback_from").get_visible(
        actor, Permission.DEPLOYMENT_DEPLOYS_GET, pk=deploy_id, deployment=of
    )


def deployment_in(actor: Actor, namespace: str) -> Deployment:
    """The one that has a namespace. Raises NotFound for what is missing or hidden."""
    visible = Deployment.objects.present()
    return visible.get_visible(actor, Permission.DEPLOYMENT_GET, namespace=namespace)


def deploy_before(deploy: Deploy) -> Deploy | None:
    """The one whose content it replaced: the deployed one with the next lower number."""
    earlier = Deploy.objects.filter(deployment_id=deploy.deployment_id, number__lt=deploy.number)
    return earlier.filter(status=Deploy.Status.DEPLOYED).order_by("-number").first()


def operations(actor: Actor, of: Deployment) -> QuerySet[Operation]:
    """Its operations, newest first."""
    visible = Operation.objects.visible_to(actor, Permission.DEPLOYMENT_GET)
    return visible.filter(deployment=of).prefetch_related("steps")


def operation(actor: Actor, of: Deployment, operation_id: str) -> Operation:
    """One of its operations. Raises NotFound."""
    rows = Operation.objects.filter(deployment=of)
    visible = rows.select_related("deployment").prefetch_related("steps")
    return visible.get_visible(actor, Permission.DEPLOYMENT_GET, pk=operation_id)


def own_operations(actor: Actor) -> QuerySet[Operation]:
    """What this person started, running ones first, then newest: the operations tray."""
    own = Operation.objects.filter(
        started_by_kind=actor.principal.kind, started_by_id=actor.principal.id
    )
    runs_first = Case(When(status=Operation.Status.RUNNING, then=0), default=1)
    return (
        own.visible_to(actor, Permission.DEPLOYMENT_GET)
        .select_related("deployment", "deployment__workspace")
        .order_by(runs_first, "-started_at", "-id")
    )


def own_running_operations(actor: Actor) -> int:
    """How many operations of this person still run: the number in the tray."""
    return Operation.objects.filter(
        started_by_kind=actor.principal.kind,
        started_by_id=actor.principal.id,
        status=Operation.Status.RUNNING,
        started_at__gt=timezone.now() - TRAY_TIME,
    ).count()


def timeline(of: Deployment, *, limit: int = 20) -> QuerySet[StatusChange]:
    """How its status moved, newest first."""
    return of.status_changes.all()[:limit]


class _Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def usual_durations(operation: Operation) -> dict[str, timedelta]:
    """For each step name the median time it took lately: in the newest successful operations
    of the same kind in the same Organization. One query."""
    organization_id = operation.deployment.organization_id
    alike = Operation.objects.filter(
        kind=operation.kind,
        status=Operation.Status.SUCCEEDED,
        deployment__organization_id=organization_id,
    ).order_by("-started_at")[:_SAMPLE]
    took = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
    medians = (
        OperationStep.objects.filter(operation__in=alike, state=StepState.DONE)
        .exclude(operation=operation)
        .exclude(started_at=None)
        .exclude(finished_at=None)
        .order_by()
        .values("name")
        .annotate(median=_Median(took, output_field=DurationField()))
    )
    return dict(medians.values_list("name", "median"))


def clusters(organization: Organization) -> QuerySet[Cluster]:
    """The clusters on which an Organization may create Deployments."""
    return Cluster.objects.filter(organization=None) | Cluster.objects.filter(
        organization=organization
    )


def homes_for_new(actor: Actor, organization: Organization) -> QuerySet[Workspace]:
    """The Workspaces of an Organization in which the actor may create Deployments."""
    visible = Workspace.objects.visible_to(actor, Permission.WORKSPACE_DEPLOYMENTS_CREATE)
    return visible.filter(organization=organization).order_by("name")


def runtimes(organization: Organization) -> list[RuntimeRelease]:
    """The builds that an Organization may choose and this machine can carry, newest first."""
    today = timezone.now().date()
    allows = organization.allows_deprecated_runtimes
    return [
        release
        for release in catalogue.releases()
        if catalogue.is_offered(release, today=today, are_deprecated_allowed=allows)
        and not pythons.find_python(release).reason
    ]


def default_runtime(organization: Organization) -> str:
    """What a Deployment gets whose maker chooses none. Raises Unavailable where none can run."""
    found = runtimes(organization)
    if not found:
        raise Unavailable(
            "This machine has no Python for any of the runtimes.",
            remedy="Whoever runs this console reads more from: ./console doctor",
        )
    return found[0].version


def runtimes_in_use(rows: QuerySet[Deployment]) -> Iterable[str]:
    """The runtime versions of some Deployments, each once."""
    return rows.order_by().values_list("runtime_version", flat=True).distinct()
