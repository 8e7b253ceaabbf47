"""After a switch: has Airflow seen each changed DAG file, as a DAG or as an import error?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from deployments import queries
from deployments.airflow import Airflow, Dag, ImportError_
from deployments.airflow.client import LARGEST_PAGE
from deployments.airflow.connect import for_console
from deployments.archives import files
from deployments.comparison import compare
from deployments.events import announce
from deployments.models import Deploy
from deployments.spec import deploy_folder
from web.errors import DomainError

PATIENCE = timedelta(minutes=2)
"""How long the console looks; what was not seen by then is named on the page."""
_QUICK_FOR = timedelta(seconds=10)
_LONGEST_TRACE = 8_000
_DAGS_FOLDER = re.compile(r"^.*/(?:deploys/[^/]+|current)/dags/")
_DEFINES_DAG = re.compile(rb"@dag\b|\bDAG\s*\(")


@dataclass(frozen=True)
class Expected:
    """Files below `dags/` that Airflow has to parse anew."""

    all: frozenset[str]
    certain: frozenset[str]
    """Those that define a DAG, or an error, as far as a look can tell."""


def follow(deploy_id: str) -> timedelta | None:
    """Look once; answer when to look again, or None when it is over.

    Never raises for an Airflow that is silent: it is asked again until the deadline.
    """
    deploy = Deploy.objects.select_related("deployment").get(pk=deploy_id)
    if deploy.active_at is None or deploy.followed_until is not None:
        return None
    now = timezone.now()
    is_over = abs(now - deploy.active_at) > PATIENCE  # the clock may also go back
    if deploy.deployment.active_deploy_id == deploy.pk:
        is_over = _note(deploy, now, is_late=is_over) or is_over
    else:
        is_over = True
    if not is_over:
        return _pause(deploy, now)
    _end(deploy, now)
    return None


def _note(deploy: Deploy, now: datetime, *, is_late: bool) -> bool:
    """Write down what Airflow shows; answers whether all of it is there."""
    expected = _expected(deploy)
    try:
        with for_console(deploy.deployment) as client:
            unseen, problems = _look(client, deploy, expected)
    except DomainError:
        return False
    deploy.import_errors = [_as_json(each) for each in problems]
    missing = unseen & expected.certain
    if not missing:
        deploy.visible_at = now
    elif is_late:
        deploy.unseen_files = sorted(missing)
    return not missing


def unfinished() -> list[str]:
    """Deploys that are active, and that somebody should look for: messages get lost."""
    since = timezone.now() - 2 * PATIENCE
    waiting = Deploy.objects.filter(active_at__gt=since, followed_until=None)
    return list(waiting.values_list("pk", flat=True))


def _look(
    client: Airflow, deploy: Deploy, expected: Expected
) -> tuple[frozenset[str], list[ImportError_]]:
    """What is still unseen, and the problems of this version's files."""
    since = deploy.finalized_at or deploy.created_at
    here = _names(deploy)
    problems = [
        each
        for each in map(_placed, client.import_errors())
        if each.file in here and (each.file not in expected.all or _is_after(each.at, since))
    ]
    seen = {_relative(dag.file) for dag in _all_dags(client) if _is_new(dag, deploy, since)}
    seen |= {each.file for each in problems}
    return expected.all - seen, problems


def _all_dags(client: Airflow) -> Iterator[Dag]:
    offset = 0
    while True:
        found = client.dags(offset=offset)
        yield from found.dags
        offset += LARGEST_PAGE
        if offset >= found.total:
            return


def _placed(problem: ImportError_) -> ImportError_:
    return replace(problem, file=_relative(problem.file))


def _relative(path: str) -> str:
    """A file's path below `dags/`; Airflow 2 tells the absolute one."""
    return _DAGS_FOLDER.sub("", path)


def _is_new(dag: Dag, deploy: Deploy, since: datetime) -> bool:
    """Airflow 3 names the version that it parsed; of Airflow 2 only the time is known."""
    if dag.version:
        return dag.version == deploy.pk
    return _is_after(dag.parsed_at, since)


def _is_after(moment: datetime | None, since: datetime) -> bool:
    return moment is not None and moment >= since


def _expected(deploy: Deploy) -> Expected:
    before = queries.deploy_before(deploy)
    former = _folder(before) if before else None
    found = compare(former, _folder(deploy))
    names = {
        name.removeprefix("dags/")
        for name in (*found.added, *found.changed)
        if name.startswith("dags/") and name.endswith(".py")
    }
    root = _folder(deploy) / "dags"
    likely = {name for name in names if _might_define(root / name)}
    certain = {name for name in likely if _surely_defines(root / name)}
    return Expected(frozenset(likely), frozenset(certain))


def _might_define(path: Path) -> bool:
    """Airflow's own rule: it looks at files that speak of both words.

    Source: Airflow's documentation of `dag_discovery_safe_mode`.
    """
    text = path.read_bytes().lower()
    return b"dag" in text and b"airflow" in text


def _surely_defines(path: Path) -> bool:
    content = path.read_bytes()
    try:
        ast.parse(content)
    except (SyntaxError, ValueError):
        return True
    return bool(_DEFINES_DAG.search(content))


def _names(deploy: Deploy) -> frozenset[str]:
    return frozenset(files(_folder(deploy) / "dags"))


def _folder(deploy: Deploy) -> Path:
    return deploy_folder(deploy.deployment_id, deploy.content_version)


def _as_json(problem: ImportError_) -> dict[str, object]:
    shown = asdict(problem) | {"trace": problem.trace[-_LONGEST_TRACE:]}
    return {name: value for name, value in shown.items() if name != "at"}


def _pause(deploy: Deploy, now: datetime) -> timedelta:
    """Often in the first seconds, when somebody watches; then rarely."""
    deploy.save(update_fields=["import_errors"])
    is_young = deploy.active_at is not None and now < deploy.active_at + _QUICK_FOR
    return timedelta(milliseconds=300) if is_young else timedelta(seconds=2)


def _end(deploy: Deploy, now: datetime) -> None:
    deploy.followed_until = now
    deploy.save(update_fields=["followed_until", "visible_at", "unseen_files", "import_errors"])
    announce(deploy.deployment_id)
