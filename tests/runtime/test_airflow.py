"""What every real Airflow of ours promises, whatever its version.

`ASTRO_UI_AIRFLOW_VERSIONS=all` runs all five; see conftest.
"""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
import requests

from tests.runtime.airflow_stack import DEPLOYMENT, ISSUER, Airflow, Signer, dag_file, wait_for

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

REFUSED = {401, 403}


def dag_ids(airflow: Airflow) -> set[str]:
    return {dag["dag_id"] for dag in airflow.call("GET", "/dags").json()["dags"]}


def description(airflow: Airflow, dag: str) -> str | None:
    answer = airflow.call("GET", f"/dags/{dag}")
    return answer.json().get("description") if answer.ok else None


def trigger_body(airflow: Airflow) -> dict[str, Any]:
    return {"logical_date": None} if airflow.release.airflow_major >= 3 else {}


SOON = 25
"""Seconds in which a deploy shows even on a busy machine; unasked, Airflow looks after 30 or more.
How soon it really is, `bench visible` tells."""


def show_hello(airflow: Airflow) -> None:
    airflow.deploy("v1", {"dags/hello.py": dag_file("hello")}, label="deploy #41")
    wait_for(lambda: "hello" in dag_ids(airflow), seconds=30, what="hello visible")


def test_a_dag_runs_and_its_log_is_readable(airflow: Airflow) -> None:
    show_hello(airflow)
    run = airflow.trigger("hello")
    airflow.wait_for_run("hello", run)
    logs = f"/dags/hello/dagRuns/{run}/taskInstances/speak/logs/1"
    assert "hello" in airflow.call("GET", logs).text


def test_each_task_runs_in_its_own_deploys_include(airflow: Airflow) -> None:
    reads = "from include.words import GREETING\nprint(GREETING)"
    airflow.deploy(
        "v-include",
        {"dags/polite.py": dag_file("polite", lines=reads), "include/words.py": "GREETING = 'hi'"},
    )
    wait_for(lambda: "polite" in dag_ids(airflow), seconds=30, what="polite visible")
    run = airflow.trigger("polite")
    airflow.wait_for_run("polite", run)


def test_good_identity_is_known(airflow: Airflow) -> None:
    assert airflow.call("GET", "/dags").status_code == 200


A_DAY_FROM_NOW = int(time.time()) + 86_400


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "cmanotherdeployment"},
        {"aud": None},
        {"iss": "http://elsewhere.test"},
        {"iat": 1, "exp": 61},
        {"exp": A_DAY_FROM_NOW},
        {"exp": None},
        {"sub": None},
        {"role": "Emperor"},
    ],
    ids=[
        "another audience",
        "no audience",
        "another issuer",
        "long over",
        "too long",
        "no end",
        "nobody",
        "no such role",
    ],
)
def test_wrong_identity_is_refused(airflow: Airflow, changed: dict[str, Any]) -> None:
    token = airflow.signer.token(**changed)
    assert airflow.call("GET", "/dags", token=token).status_code in REFUSED


def test_no_identity_is_refused(airflow: Airflow) -> None:
    assert airflow.call("GET", "/dags", token=None).status_code == 401


def test_another_key_is_refused(airflow: Airflow) -> None:
    assert airflow.call("GET", "/dags", token=Signer().token()).status_code in REFUSED


@pytest.mark.parametrize("secret", ["execution_secret", "webserver_secret", "fernet_key"])
@pytest.mark.parametrize("audience", [DEPLOYMENT, "apache-airflow"])
def test_airflows_own_secrets_make_nobody_an_admin(
    airflow: Airflow, secret: str, audience: str
) -> None:
    now = int(time.time())
    claims: dict[str, Any] = {"iss": ISSUER, "aud": audience, "sub": "1", "role": "Admin"}
    claims |= {"iat": now, "nbf": now, "exp": now + 60}
    for algorithm in ("HS256", "HS512"):
        key = getattr(airflow.settings, secret)
        token = jwt.encode(claims, key.ljust(64, "0"), algorithm=algorithm)
        assert airflow.call("GET", "/dags", token=token).status_code in REFUSED
    unsigned = jwt.encode(claims, "", algorithm="none")
    assert airflow.call("GET", "/dags", token=unsigned).status_code in REFUSED


def test_a_viewer_reads_but_does_not_run(airflow: Airflow) -> None:
    show_hello(airflow)
    viewer = airflow.signer.token(sub="cmmia", email="mia@example.com", role="Viewer")
    assert airflow.call("GET", "/dags", token=viewer).status_code == 200
    body = trigger_body(airflow)
    refused = airflow.call("POST", "/dags/hello/dagRuns", token=viewer, json=body)
    assert refused.status_code == 403
    assert airflow.call("GET", "/variables", token=viewer).status_code == 403
    assert airflow.call("GET", "/connections", token=viewer).status_code == 403


def test_a_change_of_role_counts_on_the_next_request(airflow: Airflow) -> None:
    person = {"sub": "cmwanda", "email": "wanda@example.com"}
    for role, status in (("Op", 200), ("Viewer", 403), ("Op", 200), ("User", 403)):
        token = airflow.signer.token(role=role, **person)
        assert airflow.call("GET", "/variables", token=token).status_code == status


PUSHER = {
    *("website.get", "dag.get", "dag.update", "dagRun.get", "dagRun.create"),
    *("pool.get", "pool.create", "pool.delete"),
}
ASKED: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "dag.get": ("GET", "/dags", None),
    "dag.update": ("PATCH", "/dags/hello", {"is_paused": False}),
    "dagRun.get": ("GET", "/dags/hello/dagRuns", None),
    "dagRun.create": ("POST", "/dags/hello/dagRuns", {}),
    "pool.get": ("GET", "/pools", None),
    "pool.create": ("POST", "/pools", {"name": "little", "slots": 1}),
    "pool.update": ("PATCH", "/pools/little", {"name": "little", "slots": 2}),
    "pool.delete": ("DELETE", "/pools/little", None),
    "taskInstance.get": ("GET", "/dags/hello/dagRuns/~/taskInstances?limit=1", None),
    "dag.delete": ("DELETE", "/dags/hello", None),
    "variable.get": ("GET", "/variables", None),
    "variable.create": ("POST", "/variables", {"key": "little", "value": "hello"}),
    "connection.get": ("GET", "/connections", None),
    "importError.get": ("GET", "/importErrors", None),
    "auditLog.get": ("GET", "/eventLogs", None),
    "provider.get": ("GET", "/providers", None),
}
"""One call of Airflow's REST API for each of some ids; plug-ins are listed for everybody."""


def allowed(airflow: Airflow, token: str) -> set[str]:
    """The ids of ASKED whose call is not refused."""
    found = set()
    for name, (method, path, body) in ASKED.items():
        json = trigger_body(airflow) if name == "dagRun.create" else body
        answer = airflow.call(method, path, token=token, json=json)
        assert answer.status_code < 300 or answer.status_code == 403, (name, answer.text)
        found |= {name} if answer.ok else set()
    return found


def made_roles(airflow: Airflow) -> list[str]:
    """Airflow 2 keeps roles; those that stand for a set of permissions, as its admin sees them."""
    if airflow.release.airflow_major >= 3:
        return []
    headers = {"Authorization": f"Bearer {airflow.signer.token(role='Admin')}"}
    answer = requests.get(airflow.url + "/api/v1/roles", headers=headers, timeout=30)
    names = [role["name"] for role in answer.json()["roles"]]
    return [name for name in names if name.startswith("console-")]


def test_a_custom_role_is_exactly_its_permissions(airflow: Airflow) -> None:
    show_hello(airflow)
    person = {"sub": "cmpusher", "email": "pusher@example.com"}

    exact = airflow.signer.token(role="Custom", permissions=sorted(PUSHER), **person)
    assert allowed(airflow, exact) == PUSHER & set(ASKED)

    reader = airflow.signer.token(role="Custom", permissions=["website.get", "pool.get"], **person)
    assert airflow.call("GET", "/pools", token=reader).status_code == 200
    assert airflow.call("POST", "/pools", token=reader, json={}).status_code == 403
    assert airflow.call("GET", "/dags/hello", token=reader).status_code == 403
    nothing = airflow.signer.token(role="Custom", **person)
    assert airflow.call("GET", "/pools", token=nothing).status_code == 403


def test_a_custom_role_adds_to_what_the_airflow_role_allows(airflow: Airflow) -> None:
    show_hello(airflow)
    person = {"sub": "cmadder", "email": "adder@example.com"}
    given = ["variable.create", "variable.get", "website.get"]
    reads = {"dag.get", "dagRun.get", "taskInstance.get", "importError.get"}
    alone = airflow.signer.token(role="Viewer", **person)
    assert airflow.call("GET", "/variables", token=alone).status_code == 403
    before = made_roles(airflow)

    both = airflow.signer.token(role="Viewer", permissions=[*given, *reads], **person)
    added = allowed(airflow, both)
    assert reads | {"variable.create", "variable.get"} <= added
    assert not added & {"variable.update", "pool.create", "connection.get", "dagRun.create"}

    assert airflow.call("GET", "/variables", token=alone).status_code == 403
    assert sorted(made_roles(airflow)) == sorted(before)


@pytest.mark.only_airflow("2.")  # Airflow 3 keeps no people
def test_an_address_that_changed_hands_keeps_nobody_out(airflow: Airflow) -> None:
    for subject in ("cmformer", "cmpresent", "cmformer"):
        token = airflow.signer.token(sub=subject, email="shared@example.com", role="Viewer")
        assert airflow.call("GET", "/dags", token=token).status_code == 200


@pytest.mark.only_airflow("3.3.")  # Airflow 3.3 is the first to offer one in its menu
def test_nobody_is_given_a_token_by_airflow(airflow: Airflow) -> None:
    answer = requests.post(
        airflow.url + "/ui/auth/token",
        headers={"Authorization": f"Bearer {airflow.signer.token()}"},
        json={"token_type": "api"},
        timeout=10,
    )
    assert answer.status_code == 403
    assert "API token in the console" in answer.json()["detail"]


def test_the_console_itself_is_an_admin(airflow: Airflow) -> None:
    token = airflow.signer.token(sub="console", email=None, name="Console", role="Admin")
    body = {"key": "greeting", "value": "hello"}
    assert airflow.call("POST", "/variables", token=token, json=body).status_code in {200, 201}
    assert airflow.call("DELETE", "/variables/greeting", token=token).status_code == 204


def test_pages_ask_the_console_who_it_is(airflow: Airflow) -> None:
    if airflow.release.airflow_major == 2:
        answer = requests.get(airflow.url + "/home", timeout=10, allow_redirects=False)
        assert answer.status_code == 401
        return
    path = "/api/v2/auth/login"
    answer = requests.get(airflow.url + path, timeout=10, allow_redirects=False)
    assert answer.headers["Location"] == f"{ISSUER}/airflow/sign-in"


def test_deploys_show_at_once_and_removed_dags_go(airflow: Airflow) -> None:
    airflow.deploy("v2", {"dags/hello.py": dag_file("hello", message="second")})
    wait_for(lambda: description(airflow, "hello") == "second", seconds=SOON, what="change visible")
    airflow.deploy("v3", {"dags/other.py": dag_file("other")})
    wait_for(lambda: "other" in dag_ids(airflow), seconds=SOON, what="new DAG visible")
    wait_for(lambda: "hello" not in dag_ids(airflow), seconds=60, what="removed DAG gone")


def test_roll_back_brings_the_older_text_although_its_files_are_older(airflow: Airflow) -> None:
    airflow.deploy("v4", {"dags/hello.py": dag_file("hello", message="before")})
    wait_for(lambda: description(airflow, "hello") == "before", seconds=SOON, what="v4 visible")
    airflow.deploy("v5", {"dags/hello.py": dag_file("hello", message="after")})
    wait_for(lambda: description(airflow, "hello") == "after", seconds=SOON, what="v5 visible")
    airflow.deploy("v4", {})
    wait_for(lambda: description(airflow, "hello") == "before", seconds=SOON, what="rolled back")


def test_a_changed_helper_is_followed_by_every_dag(airflow: Airflow) -> None:
    text = "import words\n"
    dag = dag_file("hello", lines=text).replace('description="hello"', "description=words.TEXT")
    airflow.deploy("v6", {"dags/hello.py": dag, "dags/words.py": "TEXT = 'one'"})
    wait_for(lambda: description(airflow, "hello") == "one", seconds=SOON, what="first text")
    airflow.deploy("v7", {"dags/hello.py": dag, "dags/words.py": "TEXT = 'two'"})
    wait_for(lambda: description(airflow, "hello") == "two", seconds=SOON, what="second text")


@pytest.mark.only_airflow("3.")  # Airflow 2 has one version of each file
def test_a_run_stays_on_its_version(airflow: Airflow) -> None:
    show_hello(airflow)
    airflow.deploy("v8", {"dags/hello.py": dag_file("hello", message="eighth")})
    wait_for(lambda: description(airflow, "hello") == "eighth", seconds=SOON, what="v8 visible")
    run = airflow.trigger("hello")
    airflow.wait_for_run("hello", run)
    assert airflow.call("GET", f"/dags/hello/dagRuns/{run}").json()["bundle_version"] == "v8"


def test_import_errors_name_the_line(airflow: Airflow) -> None:
    show_hello(airflow)
    broken = dag_file("broken") + "\nraise ValueError('line 18')\n"
    airflow.deploy("v9", {"dags/hello.py": dag_file("hello"), "dags/broken.py": broken})

    def errors() -> list[str]:
        found = airflow.call("GET", "/importErrors").json()["import_errors"]
        return [error["stack_trace"] for error in found]

    wait_for(
        lambda: any("line 18" in error for error in errors()), seconds=SOON, what="import error"
    )
    airflow.deploy("v10", {"dags/hello.py": dag_file("hello")})
    wait_for(lambda: not errors(), seconds=60, what="import error gone")


@pytest.mark.only_airflow("3.")  # In the footer of its pages: see test_airflow_2_pages
def test_the_running_deploy_is_named_without_a_restart(airflow: Airflow) -> None:
    def label(role: str) -> str:
        token = airflow.signer.token(role=role)
        found = airflow.call("GET", "/plugins", token=token).json()["plugins"]
        views = [view for plugin in found for view in plugin["external_views"]]
        ours = [view["name"] for view in views if view["href"].startswith(ISSUER)]
        assert ours[0] == "This Deployment in the console"
        return str(ours[1])

    version = airflow.settings.runtime_version
    for number in (51, 52):
        airflow.deploy(f"v{number}", {}, label=f"deploy #{number}")
        assert label("Op") == f"Runtime {version} · deploy #{number}"
        assert label("Viewer") == f"Runtime {version} · deploy #{number}"


@pytest.mark.only_airflow("3.")  # Airflow 2 has no such list for a Viewer
def test_a_viewer_learns_of_no_other_plugin(airflow: Airflow) -> None:
    viewer = airflow.signer.token(role="Viewer")
    found = airflow.call("GET", "/plugins", token=viewer).json()["plugins"]
    assert [plugin["name"] for plugin in found] == ["astro_runtime"]
    nobody = airflow.signer.token(role="Viewer", permissions=["dag.get"])
    assert airflow.call("GET", "/plugins", token=nobody).status_code == 403
