"""The local cluster's agent: one small process that keeps every Deployment as wished.

Started as `python -m deployments.provisioners.local.agent` with the variables of `AgentSettings`.
SIGTERM and SIGINT end the Deployments' processes in order; the next start brings them back. After
a SIGKILL they run on, and the next start adopts them.
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any

from ..base import DeploymentSpec, LogQuery, Observation, Phase, ProvisionerError
from ..inventory import Holding, Inventory
from ..wire import decode, encode
from . import component_logs, lifeline, remains
from .door import Door
from .isolation import closed_folder
from .keeper import Keeper
from .recipe import Recipe
from .record import Goal, Record
from .settings import AgentSettings
from .strays import Kept, Strays
from .workshop import Workshop

log = logging.getLogger(__name__)
_ID = re.compile(r"[a-z0-9]{1,40}")
SOCKET_PATH_LIMIT = 107
PR_SET_CHILD_SUBREAPER = 36


class Agent:
    """Answers the door; keeps one `Keeper` for each Deployment."""

    def __init__(self, settings: AgentSettings, recipe: Recipe) -> None:
        self._settings = settings
        self._is_root = os.geteuid() == 0
        self._workshop = Workshop(settings, recipe, is_root=self._is_root)
        self._keepers: dict[str, Keeper] = {}
        self._lock = Lock()
        self._strays = Strays(settings.cluster, known=self._kept, children=self._children)

    def open(self) -> None:
        """Take up every Deployment that an earlier agent left."""
        for folder in (self._settings.cluster, self._settings.deployments):
            folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        found = [self._load(path.name) for path in sorted(self._settings.deployments.iterdir())]
        for parent in self._workshop.recipe.usual_parents():
            self._workshop.nursery.warm(parent)
        for keeper in filter(None, found):
            keeper.open()

    def sweep(self, ended: Event) -> None:
        """Until `ended`: look again and again for processes that nobody keeps."""
        while not ended.wait(self._settings.sweep_seconds):
            try:
                self._strays.look()
            except Exception:
                log.exception("looking for stray processes broke")

    def close(self) -> None:
        """End every process tree; the wishes stay."""
        with ThreadPoolExecutor(max_workers=16) as several:
            list(several.map(Keeper.end_tree, self._keepers.values()))
        for _ in range(2):
            self._strays.look()
        self._workshop.nursery.close()

    def answer(self, method: str, path: str, body: Any) -> Iterator[Any] | Mapping[str, Any]:
        """Serve one request of the console."""
        match [method, *path.strip("/").split("/")]:
            case ["GET", "check" | "exposure" | "inventory" as question]:
                return self._about_itself(question)
            case ["PUT", "deployments", deployment_id]:
                return self._apply(deployment_id, decode(DeploymentSpec, body))
            case ["GET", "deployments", deployment_id]:
                return self._observe(deployment_id)
            case ["POST", "deployments", deployment_id, "logs"]:
                return self._logs(deployment_id, decode(LogQuery, body))
            case [_, "deployments", deployment_id, *action]:
                return self._take_down(deployment_id, [method, *action], body)
        raise ProvisionerError(f"The agent knows no {method} {path}.", permanent=True)

    def _take_down(self, deployment_id: str, how: list[str], body: Any) -> Mapping[str, Any]:
        match how:
            case ["POST", "stop"]:
                return self._want(deployment_id, Goal.STOPPED, body["generation"])
            case ["DELETE"]:
                return self._want(deployment_id, Goal.DELETED, body["generation"])
            case ["POST", "purge"]:
                return self._purge(deployment_id)
        raise ProvisionerError(f"The agent knows no {' '.join(how)}.", permanent=True)

    def _about_itself(self, question: str) -> Mapping[str, Any]:
        match question:
            case "inventory":
                return dict(encode(self._inventory()))
            case "exposure":
                return {"exposure": self._exposure()}
        return {"problems": self._problems()}

    def _apply(self, deployment_id: str, spec: DeploymentSpec) -> Mapping[str, Any]:
        if deployment_id != spec.deployment_id or not _ID.fullmatch(deployment_id):
            raise ProvisionerError(f"{deployment_id!r} is no Deployment id.", permanent=True)
        with self._lock:
            keeper = self._keepers.get(deployment_id)
            if keeper is None:
                place = self._settings.place(deployment_id)
                keeper = self._keepers[deployment_id] = Keeper.found(self._workshop, place, spec)
                keeper.open()
        keeper.apply(spec)
        return {}

    def _observe(self, deployment_id: str) -> Mapping[str, Any]:
        keeper = self._keepers.get(deployment_id)
        seen = keeper.observe() if keeper else Observation(phase=Phase.ABSENT)
        return dict(encode(seen))

    def _want(self, deployment_id: str, goal: Goal, generation: int) -> Mapping[str, Any]:
        if keeper := self._keepers.get(deployment_id):
            keeper.want(goal, generation)
        return {}

    def _purge(self, deployment_id: str) -> Mapping[str, Any]:
        if keeper := self._keepers.get(deployment_id):
            keeper.purge()
            with self._lock:
                self._keepers.pop(deployment_id, None)
        elif _ID.fullmatch(deployment_id):
            remains.remove(self._workshop, self._settings.place(deployment_id))
        return {}

    def _inventory(self) -> Inventory:
        """Also what has lost its record: folders, and databases with the mark of this cluster."""
        kept = [keeper.holding() for keeper in list(self._keepers.values())]
        known = {each.deployment_id for each in kept}
        lost = remains.found(self._workshop) - known
        return Inventory((*kept, *map(Holding, sorted(lost))), self._strays.report())

    def _kept(self) -> Mapping[str, Kept]:
        """A Deployment whose record cannot be read is left alone, its processes too."""
        unread = {path.name: Kept(is_down=False) for path in self._settings.deployments.iterdir()}
        return unread | {key: each.kept() for key, each in list(self._keepers.items())}

    def _children(self) -> set[int]:
        trees = (each.tree_pid for each in list(self._keepers.values()))
        return {*filter(None, trees), *self._workshop.nursery.pids()}

    def _logs(self, deployment_id: str, query: LogQuery) -> Iterator[Any]:
        if deployment_id in self._keepers:
            folder = self._settings.place(deployment_id).logs
            yield from (encode(line) for line in component_logs.read(folder, query))

    def _problems(self) -> list[str]:
        problems = self._workshop.recipe.problems()
        longest = self._settings.place("x" * 25).socket
        if len(str(longest)) > SOCKET_PATH_LIMIT:
            problems.append(f"Error: the path {longest} is too long: choose a shorter data folder.")
        problems += self._database_problems()
        exposure = self._exposure()
        return [*problems, f"Warning: {exposure}"] if exposure else problems

    def _exposure(self) -> str:
        if not self._is_root:
            return (
                "Deployments are not isolated from each other or from the console, since the "
                "console runs as an ordinary user. Start it as root to give each its own user."
            )
        if closed := closed_folder(self._settings.cluster):
            return (
                f"Deployments are not isolated, since other users cannot pass {closed}. "
                f"Run `chmod o+x {closed}` or move the data folder."
            )
        if any(keeper.is_exposed for keeper in list(self._keepers.values())):
            return (
                "Not every Deployment is isolated, since the Python of some can be reached by "
                "root only. Install that Python for every user, then restart them."
            )
        return ""

    def _database_problems(self) -> list[str]:
        try:
            names = ", ".join(self._workshop.databases.open_to_all())
        except ProvisionerError as error:
            return [f"Error: {error.cause} {error.remedy}"]
        return (
            []
            if not names
            else [
                f"Warning: every Deployment can connect to the databases {names} of its server. "
                f"Run `REVOKE CONNECT ON DATABASE {names} FROM PUBLIC` there."
            ]
        )

    def _load(self, deployment_id: str) -> Keeper | None:
        place = self._settings.place(deployment_id)
        try:
            record = Record.load(place.record)
        except (OSError, ValueError, TypeError, KeyError):
            log.exception("%s cannot be read; that Deployment is left alone", place.record)
            return None
        keeper = self._keepers[deployment_id] = Keeper(self._workshop, place, record)
        return keeper


def serve(settings: AgentSettings, recipe: Recipe) -> None:
    """Run until SIGTERM or SIGINT; then end the trees in order."""
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    lifeline.follow(ended.set)
    # What a killed supervisor leaves becomes our child, instead of the machine's first one's
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with _only_one(settings):
        agent = Agent(settings, recipe)
        agent.open()
        with Door(settings.socket, agent.answer) as door:
            Thread(target=door.serve_forever, kwargs={"poll_interval": 3600}, daemon=True).start()
            Thread(target=agent.sweep, args=(ended,), name="sweep", daemon=True).start()
            log.info("the local agent listens on %s", settings.socket)
            ended.wait()
            settings.socket.unlink(missing_ok=True)
            agent.close()
            os._exit(0)  # a keeper in the middle of a long build must not hold the exit


@contextmanager
def _only_one(settings: AgentSettings) -> Iterator[None]:
    """Two agents over the same folder would fight: the kernel's lock ends with its holder."""
    settings.cluster.mkdir(mode=0o711, parents=True, exist_ok=True)
    path = settings.cluster / "agent.lock"
    path.touch()
    path.chmod(0o600)  # who can read a file can hold its lock, and so keep us from ever starting
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"Another agent already keeps {settings.cluster}.")
        yield


def main() -> None:
    from .airflow import AirflowRecipe  # the stand-in of the tests does without it

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = AgentSettings.from_environment(os.environ)
    serve(settings, AirflowRecipe(settings))


if __name__ == "__main__":
    main()
