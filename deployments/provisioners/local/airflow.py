"""Airflow as the agent runs it: the runtime's environments, configuration and commands."""

from __future__ import annotations

import hashlib
import subprocess
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from runtime import catalogue, environment, preloading, pythons
from runtime.catalogue import RuntimeRelease
from runtime.configuration import airflow_environment, components, migrate_command
from runtime.settings import AirflowSettings, OidcSettings

from ..base import DeploymentSpec, Executor, ProvisionerError
from . import airflow_health, airflow_parsing, broker
from .databases import client_environment, visit
from .deploys import Change
from .nursery import Parent
from .programs import Program
from .recipe import Health, Log, Plan
from .settings import AgentSettings, Place

MIGRATION_SECONDS = 300
USUAL_PARALLELISM = 4
"""What the smallest Deployment has; parents of other sizes load when they are first asked for."""


class AirflowRecipe:
    """Every runtime of the catalogue for which this machine has a Python."""

    ports_per_deployment = 4

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings

    def problems(self) -> list[str]:
        choices = [pythons.find_python(each) for each in catalogue.releases()]
        if any(choice.path for choice in choices):
            return []
        return [f"Error: no runtime can be built. {choices[0].reason}"]

    def is_built(self, spec: DeploymentSpec) -> bool:
        release, choice = _release(spec), _python(spec)
        return environment.is_built(
            release, python_version=choice.version, root=self._settings.environments
        )

    def build(self, spec: DeploymentSpec, log: Log) -> None:
        choice = _python(spec)
        try:
            environment.ensure(
                _release(spec), python=choice.path, root=self._settings.environments, log=log
            )
        except environment.EnvironmentBuildError as error:
            raise ProvisionerError(error.cause, remedy=error.remedy) from error

    def needs_to_read(self, spec: DeploymentSpec) -> tuple[Path, ...]:
        return (_python(spec).path, self._settings.environments)

    def template(self, spec: DeploymentSpec) -> str:
        """Named after the lock too: another set of packages may bring other tables."""
        release = _release(spec)
        lock = release.lock(_python(spec).version).read_bytes()
        version = release.airflow_version.replace(".", "_")
        return f"airflow_template_{version}_{hashlib.sha256(lock).hexdigest()[:8]}"

    def migrate(self, plan: Plan, log: Log) -> None:
        release, python = _release(plan.spec), self._interpreter(plan.spec)
        settings = self._airflow_settings(plan)
        shared = self._shared(release, settings, python)
        tail: deque[str] = deque(maxlen=5)
        with subprocess.Popen(
            migrate_command(release, python=python),
            env={**shared, **plan.place.marks},
            cwd=plan.place.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=plan.uid or None,
            group=plan.uid or None,
            extra_groups=() if plan.uid else None,
        ) as process:
            for line in process.stdout or ():
                tail.append(line.strip())
                log(line)
        if process.returncode:
            raise ProvisionerError(
                f"The database could not be migrated: {' '.join(tail)[-500:]}",
                remedy="Read the log of this step, then try again.",
            )

    def programs(self, plan: Plan) -> tuple[Program, ...]:
        release, python = _release(plan.spec), self._interpreter(plan.spec)
        settings = self._airflow_settings(plan)
        _write_identity(plan)
        shared = self._shared(release, settings, python)
        commands = components(release, settings, python=python)
        is_celery = plan.spec.executor is Executor.CELERY
        airflow = tuple(
            Program(
                name=command.name,
                argv=command.argv,
                environment={**shared, **command.environment},
                deployment_id=plan.spec.deployment_id,
                folder=plan.place.home,
                uid=plan.uid,
                runs_tasks=command.name == ("worker" if is_celery else "scheduler"),
            )
            for command in commands
        )
        if is_celery:
            return (broker.program(plan, shared=self._settings.environments), *airflow)
        return airflow

    def parent(self, plan: Plan) -> Parent | None:
        spec = plan.spec
        variables = [each.key for each in spec.environment]
        if not preloading.can_fork(_release(spec), base_url=spec.base_url, variables=variables):
            return None
        return self._parent(_release(spec), self._interpreter(spec), spec.parallelism)

    def usual_parents(self) -> tuple[Parent, ...]:
        """The newest runtime at the smallest size, once its environment has been built."""
        release = catalogue.default_release(datetime.now(UTC).date())
        choice = pythons.find_python(release)
        root = self._settings.environments
        if not choice.path or not environment.is_built(
            release, python_version=choice.version, root=root
        ):
            return ()
        folder = environment.environment_path(release, python_version=choice.version, root=root)
        return (self._parent(release, folder / "bin/python", USUAL_PARALLELISM),)

    def _parent(self, release: RuntimeRelease, python: Path, parallelism: int) -> Parent:
        plugin_path = environment.install_plugin(self._settings.environments)
        variables = preloading.parent_environment(
            release,
            python=python,
            plugin_path=plugin_path,
            parallelism=parallelism,
            home=self._settings.data / "run" / "nursery",
        )
        return Parent(python, plugin_path, variables)

    def health(self, plan: Plan, *, since: datetime) -> Health:
        major = _release(plan.spec).airflow_major
        said = airflow_health.ask(
            plan.first_port, uid=plan.uid, base_url=plan.spec.base_url, major=major, since=since
        )
        if plan.spec.executor is not Executor.CELERY:
            return said
        # Airflow says nothing of its workers
        return replace(said, components={**said.components, "worker": broker.has_worker(plan)})

    def announce(self, plan: Plan, change: Change) -> None:
        with visit(plan.database_url) as connection:
            airflow_parsing.announce(
                connection, change, plan.place, major=_release(plan.spec).airflow_major
            )

    def unseen(self, plan: Plan, change: Change) -> list[str]:
        with visit(plan.database_url) as connection:
            return airflow_parsing.unseen(
                connection, change, plan.place, major=_release(plan.spec).airflow_major
            )

    def deploys_in_use(self, plan: Plan) -> set[str]:
        with visit(plan.database_url) as connection:
            return airflow_parsing.deploys_in_use(
                connection, major=_release(plan.spec).airflow_major
            )

    def _interpreter(self, spec: DeploymentSpec) -> Path:
        root, version = self._settings.environments, _python(spec).version
        folder = environment.environment_path(_release(spec), python_version=version, root=root)
        return folder / "bin/python"

    def _airflow_settings(self, plan: Plan) -> AirflowSettings:
        spec, place, secrets = plan.spec, plan.place, plan.secrets
        is_celery = spec.executor is Executor.CELERY
        return AirflowSettings(
            deployment_id=spec.deployment_id,
            namespace=spec.namespace,
            runtime_version=spec.runtime_version,
            home=place.home,
            dags_root=place.root,
            plugin_path=environment.install_plugin(self._settings.environments),
            database_url=plan.database_url,
            base_url=spec.base_url,
            console_url=spec.console_url,
            port=plan.first_port,
            worker_log_port=plan.first_port + 1,
            identity_issuer=spec.identity.issuer,
            identity_public_key=_identity_key(place),
            sign_in_url=spec.identity.sign_in_url,
            fernet_key=secrets.fernet_key,
            execution_secret=secrets.execution_secret,
            webserver_secret=secrets.webserver_secret,
            executor=spec.executor.value,
            parallelism=spec.parallelism,
            broker_url=broker.url(plan) if is_celery else "",
            oidc=_oidc(spec),
            user_environment={each.key: each.value for each in spec.environment},
        )

    def _shared(
        self, release: RuntimeRelease, settings: AirflowSettings, python: Path
    ) -> dict[str, str]:
        """Airflow insists on a user name, and the machine knows none for a Deployment's user."""
        names = dict.fromkeys(("USER", "LOGNAME"), settings.namespace)
        server = client_environment(self._settings.database_url)
        return {**airflow_environment(release, settings, python=python), **names, **server}


class _Python:
    """An interpreter that was found."""

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self.version = version


def _release(spec: DeploymentSpec) -> RuntimeRelease:
    try:
        return catalogue.get(spec.runtime_version)
    except catalogue.UnknownRuntimeError as error:
        raise ProvisionerError(
            str(error), remedy="Choose a runtime of the catalogue.", permanent=True
        ) from error


def _python(spec: DeploymentSpec) -> _Python:
    choice = pythons.find_python(_release(spec))
    if choice.path is None:
        # A private interpreter still serves, without a user for each Deployment.
        choice = pythons.find_python(_release(spec), shared=False)
    if choice.path is None:
        raise ProvisionerError(
            choice.reason, remedy="Install it, or choose another runtime.", permanent=True
        )
    return _Python(choice.path, choice.version)


def _identity_key(place: Place) -> Path:
    return place.root / "identity.pem"


def _write_identity(plan: Plan) -> None:
    """The Deployment's user can read, but not replace, whom its Airflow believes."""
    key = _identity_key(plan.place)
    key.unlink(missing_ok=True)
    key.write_text(plan.spec.identity.public_key_pem, encoding="utf-8")
    key.chmod(0o444)


def _oidc(spec: DeploymentSpec) -> OidcSettings | None:
    client = spec.oidc
    if client is None:
        return None
    return OidcSettings(client.client_id, client.client_secret, client.discovery_url)
