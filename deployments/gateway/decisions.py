"""May this request pass to that Airflow, as whom, and where to? The one place that decides.

The built-in proxy calls it in its own process; a front proxy asks over `/_astro/authorize`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import import_module

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from access.actor import Actor, Origin
from access.hiding import explanation
from access.permissions import Permission
from accounts.ip_access import AddressNotAdmitted
from accounts.middleware import person
from accounts.models import User
from accounts.services import bearers
from accounts.sso import enforcement
from accounts.suspension import OrganizationSuspended
from deployments import identity
from deployments.gateway import passes
from deployments.models import Deployment
from deployments.provisioners.listeners import is_genuine
from web.errors import DomainError


class Verdict(StrEnum):
    ALLOWED = "allowed"
    STARTING = "starting"
    ASLEEP = "asleep"
    SIGN_IN = "sign-in"
    """Nobody whom the console knows, or no longer."""
    FORBIDDEN = "forbidden"
    ELSEWHERE = "elsewhere"
    """An API token from outside the networks that it is bound to."""
    SUSPENDED = "suspended"
    """Of an Organization to which this one belongs and that is suspended."""
    SHUT_OUT = "shut-out"
    """Of an Organization to which this one belongs and that does not admit their address."""
    MISSING = "missing"
    """No such Deployment, or none that this one may know of."""


@dataclass(frozen=True)
class Asked:
    """Who knocks where: the whole of what a decision depends on besides the database."""

    namespace: str
    pass_value: str = ""
    """The door's cookie; a browser has one."""
    bearer: str = ""
    """An API token of the console; counts only where there is no cookie."""
    source_ip: str = ""
    """Where from: an Organization may admit certain networks only, and a token be bound to some."""

    @property
    def is_anonymous(self) -> bool:
        return not self.pass_value and not self.bearer


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    endpoint: str = ""
    """Where this Airflow listens, without a trailing slash; only when ALLOWED."""
    authorization: str = ""
    """The header that replaces whatever came; only when ALLOWED."""
    actor: Actor | None = None
    deployment: Deployment | None = None
    """Set wherever the actor may at least know of the Deployment."""
    reason: DomainError | None = None
    """Why it is hidden from somebody whom it belongs to."""

    @property
    def principal_id(self) -> str:
        return self.actor.principal.id if self.actor else ""

    @property
    def deployment_id(self) -> str:
        return self.deployment.pk if self.deployment else ""


SIGN_IN = Decision(Verdict.SIGN_IN)


def decide(asked: Asked) -> Decision:
    """Read the session or token, the rights and the state anew, and judge. About seven queries."""
    try:
        known = _who(asked)
    except OrganizationSuspended:
        return Decision(Verdict.SUSPENDED)
    except bearers.ForeignAddress:
        return Decision(Verdict.ELSEWHERE)
    if known is None:
        return SIGN_IN
    actor, email, name = known
    deployment = Deployment.objects.present().filter(namespace=asked.namespace).first()
    if deployment is None:
        return Decision(Verdict.MISSING, actor=actor)
    if not actor.can(Permission.DEPLOYMENT_GET, deployment):
        return _hidden(actor, deployment)
    role = identity.airflow_role(actor, deployment)
    if role is None:
        return Decision(Verdict.FORBIDDEN, actor=actor, deployment=deployment)
    state = state_of(deployment)
    if state is not Verdict.ALLOWED:
        return Decision(state, actor=actor, deployment=deployment)
    token = identity.sign(
        deployment,
        sub=actor.principal.id,
        email=email,
        name=name,
        role=role,
        permissions=identity.airflow_permissions(actor, deployment),
    )
    return Decision(Verdict.ALLOWED, deployment.endpoint, f"Bearer {token}", actor, deployment)


def _hidden(actor: Actor, deployment: Deployment) -> Decision:
    """Not there, except for those whom it belongs to and whose Organization is shut to them."""
    reason = explanation(actor, deployment.organization_id)
    if reason is None:
        return Decision(Verdict.MISSING, actor=actor)
    is_elsewhere = isinstance(reason, AddressNotAdmitted)
    verdict = Verdict.SHUT_OUT if is_elsewhere else Verdict.SUSPENDED
    return Decision(verdict, actor=actor, deployment=deployment, reason=reason)


def state_of(deployment: Deployment) -> Verdict:
    """Whether there is an Airflow to talk to."""
    if not deployment.is_awake:
        return Verdict.ASLEEP
    return Verdict.ALLOWED if is_there(deployment) else Verdict.STARTING


def is_there(deployment: Deployment) -> bool:
    """Whether its own web server listens, and nobody in its place who would learn who asks."""
    return bool(deployment.endpoint) and is_genuine(deployment.endpoint, deployment.endpoint_uid)


def person_of(session_key: str) -> User | None:
    """The active person to whom a console session belongs now; None once it has ended, and for
    one that was not begun as the person's domain asks for by now."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = auth.get_user(request)
    if not isinstance(user, User) or enforcement.broken_by(request, user) is not None:
        return None
    return user


def with_origin(actor: Actor, origin: Origin) -> Actor:
    """The same actor for one request of many: a decision is shared, an audit row is not."""
    return replace(actor, origin=origin)


def _who(asked: Asked) -> tuple[Actor, str, str] | None:
    """The actor with e-mail and name."""
    if asked.pass_value:
        return _holder(asked)
    return _machine(asked) if asked.bearer else None


def _holder(asked: Asked) -> tuple[Actor, str, str] | None:
    granted = passes.unseal(asked.pass_value)
    if granted is None or granted.namespace != asked.namespace:
        return None
    user = person_of(granted.session_key)
    return (person(user, _origin(asked)), user.email, str(user)) if user else None


def _machine(asked: Asked) -> tuple[Actor, str, str] | None:
    where = _origin(asked)
    try:
        token = bearers.identify(asked.bearer, where)
    except bearers.InvalidToken:
        return None
    return Actor(token.principal, where), "", token.name


def _origin(asked: Asked) -> Origin:
    """As far as rights depend on it; each request has its own for the audit log."""
    return Origin(door="airflow", source_ip=asked.source_ip)
