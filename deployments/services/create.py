from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from access.actions import action
from access.actor import Actor
from access.ids import cuid
from access.permissions import Permission
from access.scopes import PrincipalKind
from deployments.exposure import exposure
from deployments.models import Cluster, Deployment, Operation
from deployments.services import wishes
from deployments.services.variables import Variable, store
from runtime import catalogue, pythons
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace

_ADJECTIVES = (
    "amber", "astral", "bright", "calm", "celestial", "clear", "cosmic", "distant", "early",
    "elliptic", "exact", "false", "galactic", "gentle", "geocentric", "heliocentric", "infrared",
    "inner", "interstellar", "lunar", "magnetic", "meteoric", "nebular", "nuclear", "optical",
    "orbital", "outer", "photonic", "planetary", "polar", "primordial", "quasarian", "quiet",
    "radiant", "solar", "spectral", "spherical", "stellar", "sunny", "telescopic", "true",
    "ultraviolet", "vast", "zenithal",
)  # fmt: skip
_NOUNS = (
    "accretion", "altitude", "aperture", "asteroid", "aurora", "axis", "azimuth", "comet",
    "constellation", "corona", "crater", "dawn", "eclipse", "equinox", "flare", "galaxy",
    "gravity", "horizon", "inclination", "ionization", "jet", "light", "meteor", "momentum",
    "moon", "nebula", "nova", "orbit", "parallax", "penumbra", "perigee", "photon", "planet",
    "proton", "pulsar", "quasar", "radiation", "rotation", "satellite", "sky", "solstice",
    "spectrum", "star", "sun", "telescope", "transit", "twilight", "velocity",
)  # fmt: skip

MOST_CONTACTS = 50


@dataclass(frozen=True)
class NewDeployment:
    """What a person or program chooses for a new Deployment."""

    name: str
    runtime_version: str
    cluster: Cluster
    description: str = ""
    executor: str = Deployment.Executor.CELERY
    scheduler_size: str = Deployment.SchedulerSize.SMALL
    is_development_mode: bool = False
    enforces_ci_cd: bool | None = None
    """None: as the Workspace has it for new Deployments."""
    contact_emails: tuple[str, ...] = field(default=())
    variables: tuple[Variable, ...] = field(default=())
    id: str = field(default_factory=cuid)
    """Chosen by the asker, so that the same wish sent twice makes one Deployment."""


@action(Permission.WORKSPACE_DEPLOYMENTS_CREATE, creates=True)
def create(workspace: Workspace, *, wanted: NewDeployment, actor: Actor) -> Deployment:
    """Write down the wish for a new Airflow and start to provision it.

    Raises Conflict when the name is taken in the Workspace, InvalidInput for a runtime that is
    unknown, yanked, deprecated where the Organization does not allow it, or without its Python,
    and for variables that cannot be. Conflict too where it would be the second Organization on a
    cluster that does not isolate, unless ASTRO_UI_SHARE_UNISOLATED allows that.
    """
    check_settings(wanted)
    _check_cluster(workspace, wanted.cluster)
    _check_company(workspace, wanted.cluster)
    _check_runtime(workspace, wanted.runtime_version)
    deployment = Deployment(
        id=wanted.id,
        organization_id=workspace.organization_id,
        workspace=workspace,
        cluster=wanted.cluster,
        name=wanted.name,
        description=wanted.description,
        namespace=new_namespace(),
        runtime_version=wanted.runtime_version,
        executor=wanted.executor,
        scheduler_size=wanted.scheduler_size,
        is_development_mode=wanted.is_development_mode,
        enforces_ci_cd=_enforcement(workspace, wanted),
        contact_emails=list(wanted.contact_emails),
    )
    if actor.principal.kind is PrincipalKind.USER:
        deployment.created_by_id = actor.principal.id
    save(deployment, is_new=True)
    store(deployment, wanted.variables)
    wishes.begin(deployment, kind=Operation.Kind.CREATE, actor=actor)
    return deployment


def save(deployment: Deployment, *, is_new: bool = False) -> None:
    """Store it. Raises Conflict when its name is taken in the Workspace, or its id exists."""
    try:
        with transaction.atomic():
            deployment.save(force_insert=is_new)
    except IntegrityError as error:
        if "_pkey" in str(error):
            raise Conflict("This Deployment was created a moment ago.") from None
        if "namespace" in str(error):
            raise Conflict(
                "Another Deployment drew the same address at the same moment.",
                remedy="Send it again: it draws another one.",
            ) from None
        if "deployment_name_once_in_workspace" not in str(error):
            raise
        raise Conflict(
            f"A Deployment named {deployment.name} exists already in this Workspace.",
            remedy="Choose another name.",
            fields={"name": "This name is taken in the Workspace. Choose another."},
        ) from None


def new_namespace() -> str:
    """A random `adjective-noun-1234` that no Deployment has."""
    while True:
        digits = f"{secrets.randbelow(9000) + 1000}"
        name = f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_NOUNS)}-{digits}"
        if not Deployment.objects.filter(namespace=name).exists():
            return name


class Settings(Protocol):
    """The part that creating and changing have in common."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def executor(self) -> str: ...
    @property
    def scheduler_size(self) -> str: ...
    @property
    def contact_emails(self) -> tuple[str, ...]: ...


def check_settings(wanted: Settings) -> None:
    """Raise InvalidInput, naming each field that cannot be what it is."""
    problems = {
        "name": "" if 1 <= len(wanted.name.strip()) <= 500 else "Between 1 and 500 characters",
        "description": "" if len(wanted.description) <= 1000 else "At most 1,000 characters",
        "executor": "" if wanted.executor in Deployment.Executor else "Not an executor",
        "scheduler_size": ""
        if wanted.scheduler_size in Deployment.SchedulerSize
        else "Not a scheduler size",
        "contact_emails": _contacts_problem(wanted.contact_emails),
    }
    found = {name: problem for name, problem in problems.items() if problem}
    if found:
        raise InvalidInput(
            ". ".join(found.values()) + ".", remedy="Correct it and send it again.", fields=found
        )


def _contacts_problem(addresses: tuple[str, ...]) -> str:
    if len(addresses) > MOST_CONTACTS:
        return f"At most {MOST_CONTACTS} addresses"
    return next(filter(None, map(_email_problem, addresses)), "")


def _email_problem(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        return f"{address} is not an e-mail address"
    return ""


def _enforcement(workspace: Workspace, wanted: NewDeployment) -> bool:
    asked = wanted.enforces_ci_cd
    return workspace.enforces_ci_cd if asked is None else asked


def _check_cluster(workspace: Workspace, cluster: Cluster) -> None:
    if cluster.organization_id not in {None, workspace.organization_id}:
        raise InvalidInput(
            "There is no such cluster.",
            remedy="Choose one of the offered clusters.",
            fields={"cluster": "There is no such cluster"},
        )


def _check_company(workspace: Workspace, cluster: Cluster) -> None:
    """Where Deployments are not isolated, two Organizations are together only if so set."""
    others = Deployment.objects.filter(cluster=cluster).exclude(
        organization_id=workspace.organization_id
    )
    if settings.SHARE_UNISOLATED or not others.exists():
        return
    if reason := exposure(cluster):
        raise Conflict(
            "This cluster holds Deployments of another Organization, and does not isolate them.",
            remedy=f"{reason} Where all Organizations trust each other, the operator may set "
            "ASTRO_UI_SHARE_UNISOLATED=true.",
        )


def _check_runtime(workspace: Workspace, version: str) -> None:
    problem = runtime_problem(
        version, allows_deprecated=workspace.organization.allows_deprecated_runtimes
    )
    if problem:
        raise InvalidInput(
            problem,
            remedy="Choose one of the offered runtime versions.",
            fields={"runtime_version": problem},
        )


def runtime_problem(version: str, *, allows_deprecated: bool) -> str:
    """Why a runtime cannot be chosen now, or an empty text."""
    try:
        release = catalogue.get(version)
    except catalogue.UnknownRuntimeError:
        return f"There is no runtime {version}."
    if release.yanked_reason:
        return f"Runtime {version} was withdrawn: {release.yanked_reason}."
    if release.is_past_maintenance(datetime.now(tz=UTC).date()) and not allows_deprecated:
        return f"Runtime {version} is past its maintenance, and this Organization allows none such."
    return pythons.find_python(release).reason
