"""Deploys on disk: immutable, sharing what did not change, with times that tell what to parse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deployments.provisioners.base import DeploySource, ProvisionerError
from deployments.provisioners.local import deploys
from deployments.provisioners.local.settings import Place
from tests.contracts.provisioner import project

LONG_AGO = 1_000_000_000


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "cabc", tmp_path / "run")
    place.deploys.mkdir(parents=True)
    deploys.ensure_current(place)
    return place


def ship(place: Place, source: DeploySource) -> deploys.Change:
    """Fetch and switch, then let Airflow have parsed everything long ago."""
    deploys.fetch(source, place)
    change = deploys.switch(place, source.version)
    for path in place.deploys.rglob("*.py"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return change


def times(place: Place) -> dict[str, bool]:
    """Which DAG files of the current deploy are newer than the last parse."""
    folder = place.current / "dags"
    return {path.name: path.stat().st_mtime > LONG_AGO for path in folder.iterdir()}


def test_before_the_first_deploy_airflow_serves_an_empty_folder(place: Place) -> None:
    assert list((place.current / "dags").iterdir()) == []


def test_only_what_changed_is_parsed_anew(place: Place, tmp_path: Path) -> None:
    ship(place, project(tmp_path, "v1", one="x = 1", two="x = 1"))
    source = project(tmp_path, "v2", one="x = 1", two="x = 2", three="x = 3")
    deploys.fetch(source, place)

    change = deploys.switch(place, "v2")

    assert change.changed == ("three.py", "two.py")
    assert times(place) == {"one.py": False, "two.py": True, "three.py": True}
    shared = [place.deploys / version / "dags/one.py" for version in ("v1", "v2")]
    assert shared[0].samefile(shared[1])


def test_a_changed_helper_renews_every_dag_file(place: Place, tmp_path: Path) -> None:
    dag = "from helper import WORD"
    ship(place, project(tmp_path, "v1", one=dag, two="x = 1", helper="WORD = 1"))
    deploys.fetch(project(tmp_path, "v2", one=dag, two="x = 1", helper="WORD = 2"), place)

    change = deploys.switch(place, "v2")

    assert change.changed == ("helper.py", "one.py", "two.py")
    assert all(times(place).values())


def test_a_changed_data_file_renews_every_dag_file(place: Place, tmp_path: Path) -> None:
    ship(place, project(tmp_path, "v1", one="x = 1"))
    source = project(tmp_path, "v2", one="x = 1")
    (source.path / "include").mkdir()
    (source.path / "include/tables.yaml").write_text("a: b")
    deploys.fetch(source, place)

    assert deploys.switch(place, "v2").changed == ("one.py",)


def test_bytecode_that_python_left_is_no_change(place: Place, tmp_path: Path) -> None:
    ship(place, project(tmp_path, "v1", one="x = 1"))
    (place.deploys / "v1/dags/__pycache__").mkdir()
    (place.deploys / "v1/dags/__pycache__/one.cpython-311.pyc").write_bytes(b"")
    deploys.fetch(project(tmp_path, "v2", one="x = 1"), place)

    assert deploys.switch(place, "v2").changed == ()


def test_rolling_back_renews_what_differs(place: Place, tmp_path: Path) -> None:
    first = project(tmp_path, "v1", one="x = 1", two="x = 1")
    ship(place, first)
    ship(place, project(tmp_path, "v2", one="x = 1", two="x = 2", three="x = 3"))
    deploys.fetch(first, place)

    change = deploys.switch(place, "v1")

    assert change.changed == ("two.py",)
    assert change.removed == ("three.py",)
    assert place.current.resolve().name == "v1"


def test_a_deploy_never_changes_when_its_source_does(place: Place, tmp_path: Path) -> None:
    source = project(tmp_path, "v1", one="x = 1")
    ship(place, source)
    (source.path / "dags/one.py").write_text("x = 'tampered'")

    ship(place, source)

    assert (place.current / "dags/one.py").read_text() == "x = 1"


def test_a_link_out_of_the_project_is_left_behind(place: Place, tmp_path: Path) -> None:
    source = project(tmp_path, "v1", one="x = 1")
    (source.path / "dags/secret.py").symlink_to("/etc/passwd")

    ship(place, source)

    assert [path.name for path in (place.current / "dags").iterdir()] == ["one.py"]


@pytest.mark.parametrize("version", ["", ".", "..", "../up", "a/b", ".hidden"])
def test_a_version_cannot_leave_the_folder(place: Place, tmp_path: Path, version: str) -> None:
    with pytest.raises(ProvisionerError):
        deploys.fetch(DeploySource(version, tmp_path), place)


def test_a_source_that_is_gone_is_a_readable_failure(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ProvisionerError) as refusal:
        deploys.fetch(DeploySource("v1", tmp_path / "gone"), place)

    assert refusal.value.permanent
    assert refusal.value.remedy


def test_the_last_ten_and_those_in_use_are_kept(place: Place, tmp_path: Path) -> None:
    versions = tuple(f"v{number:02}" for number in range(13))
    for version in versions:
        ship(place, project(tmp_path, version, one=f"x = '{version}'"))

    left = deploys.prune(place, versions, in_use={"v01"})

    assert left == ("v01", *versions[3:])
    assert {path.name for path in place.deploys.iterdir()} == {*left, deploys.EMPTY}


def test_removing_follows_no_link_and_reaches_any_depth(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir(mode=0o755)
    (outside / "kept").touch()
    (root / "read-only").mkdir(parents=True)
    (root / "read-only" / "file").touch()
    (root / "read-only").chmod(0o500)
    (root / "link").symlink_to(outside)
    top = os.open(root, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deeper", dir_fd=top)
        below = os.open("deeper", os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = below
    os.close(top)

    deploys.remove_tree(root)
    deploys.remove_tree(root)

    assert not root.exists()
    assert (outside / "kept").exists()
    assert outside.stat().st_mode & 0o777 == 0o755
