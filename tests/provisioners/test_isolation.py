"""What keeps one Deployment's user from the agent that works around it as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest

from astro_ui.embedded import Places
from deployments.provisioners.base import EnvironmentVariable
from deployments.provisioners.local.isolation import give_folders
from deployments.provisioners.local.neutral import neutral
from deployments.provisioners.local.programs import Program
from deployments.provisioners.local.recipe import Plan
from deployments.provisioners.local.record import Secrets
from deployments.provisioners.local.settings import Place
from runtime import environment
from tests.contracts.specs import make_spec

from .cluster import NOBODY, ROOT
from .standin.agent import PYTHON

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give users")
UID = 271_828
_BECOME = """
import sys
from pathlib import Path
from deployments.provisioners.local import programs
programs.execute(programs.become(Path(sys.argv[1])))
"""
_LOOK = """
import os, resource
status = dict(line.split(":\\t") for line in open("/proc/self/status"))
print(status["Uid"].split(), status["Gid"].split(), status["Groups"].split())
print(int(status["CapPrm"], 16), int(status["CapEff"], 16), int(status["CapInh"], 16))
print(status["NoNewPrivs"].strip(), resource.getrlimit(resource.RLIMIT_NPROC)[1])
print(open("/proc/self/oom_score_adj").read().strip(), sorted(os.listdir("/proc/self/fd")))
print(sorted(os.environ))
"""


@pytest.fixture
def place() -> Iterator[Place]:
    """Where another user can pass, unlike pytest's own folder."""
    folder = Path(mkdtemp(prefix="astro-"))
    folder.chmod(0o711)
    yield Place(folder / "cabc", folder / "run")
    shutil.rmtree(folder)


def plan(place: Place) -> Plan:
    variables = (EnvironmentVariable("AIRFLOW__DATABASE__EXTERNAL_DB_MANAGERS", "mine"),)
    return Plan(
        spec=replace(make_spec(), environment=variables),
        place=place,
        secrets=Secrets.fresh(),
        database_url="postgresql://mine",
        first_port=1,
        uid=UID,
    )


def test_a_program_has_its_user_and_nothing_of_roots(place: Place) -> None:
    give_folders(place, uid=UID)
    file = place.supervisor / "look.json"
    Program("look", (str(PYTHON), "-c", _LOOK), {"A": "1"}, "cabc", place.home, UID).save(file)

    seen = subprocess.run(
        [sys.executable, "-c", _BECOME, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert seen == [
        f"{[str(UID)] * 4} {[str(UID)] * 4} []",
        "0 0 0",
        "1 4096",
        "500 ['0', '1', '2', '3']",  # the last one is the look itself
        "['A', 'ASTRO_UI_CLUSTER', 'ASTRO_UI_DEPLOYMENT', 'LC_CTYPE']",
    ]


def test_what_all_deployments_get_is_made_with_nothing_of_the_first(place: Place) -> None:
    give_folders(place, uid=UID)
    (place.home / "airflow_local_settings.py").touch()

    with neutral(plan(place), cluster=place.root.parent, uid=NOBODY, database_url="other") as made:
        assert made.spec.environment == ()
        assert made.spec.deploy is None
        assert made.database_url == "other"
        assert made.uid == NOBODY
        assert made.place.home.stat().st_uid == NOBODY
        assert list(made.place.home.iterdir()) == []
        assert not made.place.current.exists()
    assert not made.place.root.exists()


def test_a_home_changes_hands_but_nothing_that_its_owner_linked_into_it(place: Place) -> None:
    give_folders(place, uid=UID)
    foreign = place.root.parent / "site-packages.py"
    foreign.touch()
    os.chown(foreign, UID, UID)
    for name in ("mine", "roots"):
        (place.home / name).touch()
    os.chown(place.home / "mine", UID, UID)
    (place.home / "soft").symlink_to(foreign)
    (place.home / "hard").hardlink_to(foreign)

    give_folders(place, uid=UID + 1)

    assert (place.home / "mine").stat().st_uid == UID + 1
    assert (place.home / "roots").stat().st_uid == 0
    assert foreign.stat().st_uid == UID


def test_a_folder_for_sockets_that_somebody_has_put_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    places = Places(tmp_path / ("deep" * 30))
    places.sockets.symlink_to(tmp_path)
    os.chown(places.sockets, NOBODY, NOBODY, follow_symlinks=False)

    with pytest.raises(PermissionError, match="belongs to another user"):
        places.make()


def test_nobody_else_can_hold_the_lock_of_a_build(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.touch(mode=0o644)

    with environment._locked(lock, print):
        assert lock.stat().st_mode & 0o777 == 0o600
