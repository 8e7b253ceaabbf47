"""The parts of the plug-in package that need no Airflow: identities, rights, deploys."""

from __future__ import annotations

import base64
import hmac
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from runtime.environment import PLUGIN
from tests.runtime.airflow_stack import DEPLOYMENT, ISSUER, Signer

VIEWER = {
    *("astronomer.get", "auditLog.get", "browseMenu.get", "clusterActivity.get", "customMenu.get"),
    *("dag.get", "dagCode.get", "dagDependencies.get", "dagRun.get", "datasets.get", "docs.get"),
    *("importError.get", "job.get", "slaMiss.get", "taskInstance.get", "taskLog.get"),
    *("taskReschedule.get", "trigger.get", "website.get"),
}


@pytest.fixture(autouse=True)
def _package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(PLUGIN))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "astro_runtime"]:
        del sys.modules[name]


@pytest.fixture
def signer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signer:
    signer = Signer()
    (tmp_path / "console.pem").write_bytes(signer.public_pem())
    monkeypatch.setenv("ASTRO_RUNTIME_IDENTITY_KEY", str(tmp_path / "console.pem"))
    monkeypatch.setenv("ASTRO_RUNTIME_IDENTITY_ISSUER", ISSUER)
    monkeypatch.setenv("ASTRO_RUNTIME_DEPLOYMENT_ID", DEPLOYMENT)
    monkeypatch.setenv("ASTRO_RUNTIME_DAGS_ROOT", str(tmp_path))
    return signer


def test_a_good_token_tells_who_it_is(signer: Signer) -> None:
    from astro_runtime.identity import verify_header

    person = verify_header(f"Bearer {signer.token(permissions=['dag.get'])}")
    assert (person.subject, person.email, person.role) == ("cmolivia", "olivia@example.com", "Op")
    assert person.permissions == {"dag.get"}


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "x"},
        {"iss": "x"},
        {"exp": 1},
        {"exp": None},
        {"exp": int(time.time()) + 3600},
        {"iat": None},
        {"sub": None},
        {"role": None},
        {"role": "Emperor"},
    ],
)
def test_any_other_token_is_refused(signer: Signer, changed: dict[str, Any]) -> None:
    from astro_runtime.identity import verify

    with pytest.raises(jwt.InvalidTokenError):
        verify(signer.token(**changed))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer  "])
def test_any_other_header_is_refused(signer: Signer, header: str) -> None:
    from astro_runtime.identity import verify_header

    with pytest.raises(jwt.InvalidTokenError):
        verify_header(header)


def test_the_public_key_as_a_shared_secret_is_refused(signer: Signer) -> None:
    """The old confusion of algorithms; signed by hand, as the library would not."""
    from astro_runtime.identity import verify

    now = int(time.time())
    claims = {"iss": ISSUER, "aud": DEPLOYMENT, "sub": "1", "iat": now, "exp": now + 60}
    parts = [{"alg": "HS256", "typ": "JWT"}, {**claims, "role": "Admin"}]
    text = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
    signature = hmac.digest(signer.public_pem(), text, "sha256")
    with pytest.raises(jwt.InvalidTokenError):
        verify((text + b"." + _encoded(signature)).decode())


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def test_a_new_key_counts_without_a_restart(signer: Signer, tmp_path: Path) -> None:
    from astro_runtime.identity import verify

    verify(signer.token())
    other = Signer()
    (tmp_path / "next.pem").write_bytes(other.public_pem())
    (tmp_path / "next.pem").replace(tmp_path / "console.pem")
    assert verify(other.token()).subject == "cmolivia"
    with pytest.raises(jwt.InvalidTokenError):
        verify(signer.token())


def test_without_a_key_nobody_is_known(signer: Signer, tmp_path: Path) -> None:
    from astro_runtime.identity import verify

    (tmp_path / "console.pem").unlink()
    with pytest.raises(jwt.InvalidTokenError):
        verify(signer.token())


def test_a_token_without_permissions_falls_back_to_its_role() -> None:
    from astro_runtime.permissions import ROLES

    assert ROLES["Viewer"] == VIEWER
    assert ROLES["User"] - ROLES["Viewer"] == {
        *("dag.update", "dag.delete", "dagRun.create", "dagRun.update", "dagRun.delete"),
        *("taskInstance.create", "taskInstance.update", "taskInstance.delete"),
    }
    assert {right for right in ROLES["Op"] - ROLES["User"] if right.startswith("variable")} == {
        *("variable.get", "variable.create", "variable.update", "variable.delete")
    }
    assert ROLES["Admin"] >= ROLES["Op"]


@pytest.mark.parametrize(
    ("resource", "method", "right"),
    [
        ("DAG.RUN", "POST", "dagRun.create"),
        ("DAG", "PUT", "dag.update"),
        ("DAG.TASK_INSTANCE", "PUT", "taskInstance.update"),
        ("DAG.TASK_LOGS", "GET", "taskLog.get"),
        ("CONNECTION", "DELETE", "connection.delete"),
        ("VARIABLE", "GET", "variable.get"),
        ("CONFIGURATION", "GET", "configMenu.get"),
        ("VIEW.PLUGINS", "GET", "plugin.get"),
        ("DAG.XCOM", "GET", "xcom.get"),
        ("ASSET", "GET", "datasets.get"),
    ],
)
def test_each_thing_asks_for_its_published_id(resource: str, method: str, right: str) -> None:
    from astro_runtime.permissions import ROLES, is_allowed

    assert is_allowed(frozenset({right}), resource, method)
    assert not is_allowed(ROLES["Admin"] - {right}, resource, method)


def test_what_is_not_listed_is_refused() -> None:
    from astro_runtime.permissions import ROLES, is_allowed, is_shown

    assert not is_allowed(ROLES["Admin"], "SECRETS", "GET")
    assert not is_allowed(ROLES["Admin"], "DAG", "POST")
    assert not is_allowed(ROLES["Admin"], "CUSTOM", "POST")
    assert not is_shown(ROLES["Admin"], "SOMETHING_NEW")


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


A, B = Path("a.py"), Path("b.py")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, set()),
        ({"dags/a.py": "new"}, {A}),
        ({"dags/helper.py": "new"}, {A, B}),
        ({"include/query.sql": "new"}, {A, B}),
        ({"include/more.sql": "new"}, {A, B}),
        ({"dags/__pycache__/a.pyc": "new"}, set()),
    ],
    ids=["nothing", "one-dag", "helper", "data-file", "added-data-file", "bytecode"],
)
def test_which_dags_a_deploy_changes(
    tmp_path: Path, changed: dict[str, str], expected: set[Path]
) -> None:
    from astro_runtime.changes import changed_paths

    files = {"dags/a.py": "1", "dags/b.py": "1", "dags/helper.py": "1", "include/query.sql": "1"}
    before = write(tmp_path / "before", files)
    after = write(tmp_path / "after", files | changed)
    assert changed_paths(before, after, {A, B}) == expected


def test_the_label_follows_the_current_deploy(signer: Signer, tmp_path: Path) -> None:
    from astro_runtime.place import label

    assert label().endswith("no deploy yet")
    (tmp_path / "current").symlink_to("deploys/v1")
    assert label().endswith("deploy v1")
    write(tmp_path, {"labels/v1": "deploy #41\n"})
    assert label().endswith("· deploy #41")


def test_what_airflow_2_gives_for_an_id() -> None:
    from astro_runtime.permissions import ROLES
    from astro_runtime.permissions_2 import GIVES, rights

    assert rights(["pool.get", "pool.get", "xcom.delete"]) == [
        ("can_delete", "XComs"),
        ("can_read", "Pools"),
        ("menu_access", "Pools"),
    ]
    assert rights(["astronomer.get", "customMenu.get"]) == []
    assert ROLES["Admin"] - set(GIVES) == {"astronomer.get", "customMenu.get"}


def test_which_ids_airflow_3_never_asks_for() -> None:
    from astro_runtime.permissions import ROLES, has_effect

    without = {each for each in ROLES["Admin"] if not has_effect(each)}
    assert without == {"astronomer.get", "slaMiss.get", "taskReschedule.get"}
