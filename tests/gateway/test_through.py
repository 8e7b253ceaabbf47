"""What passes the door: everything that is Airflow's business, and nothing that is not."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from access.scopes import access_changed
from accounts.models import User
from tests.gateway.stage import Browser, Stage, wait_for
from workspaces.models import WorkspaceRoleBinding

SignedIn = Callable[[User], Browser]


@pytest.fixture
def wandas(stage: Stage, airflow: str, wanda: User, signed_in: SignedIn) -> Browser:
    """A browser that has opened the Airflow."""
    browser = signed_in(wanda)
    assert browser.open(airflow).status == 200
    stage.upstream.seen.clear()
    return browser


def raw_request(stage: Stage, browser: Browser, airflow: str, path: str) -> bytes:
    host = airflow.split("/")[2]
    held = browser.jar[host.partition(":")[0]]["astro_airflow"]
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", f"Cookie: astro_airflow={held}", "", "")
    return "\r\n".join(lines).encode()


def test_airflows_own_headers_stay(stage: Stage, airflow: str, wandas: Browser) -> None:
    answer = wandas.open(airflow)

    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors x"
    assert len(answer.headers.get_all("Server") or []) == 1
    assert len(answer.headers.get_all("Date") or []) == 1


def test_what_a_sender_claims_about_itself_never_arrives(
    stage: Stage, airflow: str, wandas: Browser
) -> None:
    claims = {
        "Authorization": "Bearer forged",
        "X-Forwarded-For": "10.9.9.9",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "X_Forwarded_For": "10.9.9.9",
        "X_Authorization": "forged",
        "Forwarded": "for=10.9.9.9",
        "X-Real-IP": "10.9.9.9",
        "Remote-User": "admin",
        "X-Astro-Role": "Admin",
        "Connection": "keep-alive, X-Secret-Hop",
        "X-Secret-Hop": "1",
        "X-Kept": "kept",
    }
    assert wandas.fetch(f"{airflow}a", **claims).status == 200

    arrived = stage.upstream.last.headers
    assert arrived["X-Kept"] == "kept"
    assert arrived["X-Forwarded-For"] == "127.0.0.1"
    assert arrived["X-Forwarded-Host"] == arrived["Host"] == airflow.split("/")[2]
    assert arrived["X-Forwarded-Proto"] == "http"
    assert "forged" not in arrived["Authorization"]
    gone = {
        "X-Forwarded-Prefix", "X_Forwarded_For", "X_Authorization", "Forwarded", "X-Real-IP",
        "Remote-User", "X-Astro-Role", "X-Secret-Hop",
    }  # fmt: skip
    assert gone.isdisjoint(arrived.keys())
    assert all("evil" not in value and "10.9.9.9" not in value for value in arrived.values())


def test_cookies_of_the_console_and_of_airflow_do_not_mix(
    stage: Stage, airflow: str, wandas: Browser
) -> None:
    host = airflow.split("/")[2].partition(":")[0]
    answer = wandas.open(f"{airflow}cookies")
    set_cookies = answer.headers.get_all("Set-Cookie") or []

    assert len(set_cookies) == 1
    assert set_cookies[0].startswith("airflow_session=s1")
    assert "domain" not in set_cookies[0].lower()
    wandas.jar[host]["astro_ui_session"] = "somebody's"
    wandas.open(airflow)
    assert stage.upstream.last.headers["Cookie"] == "airflow_session=s1"


def test_a_redirect_to_the_inner_address_becomes_public(
    stage: Stage, airflow: str, wandas: Browser
) -> None:
    assert wandas.open(f"{airflow}moved", follow=False).location == f"{airflow}home?x=1"


@pytest.mark.parametrize("path", ["/a%2Fb", "//evil.example/x", "/@evil.example", "/a?q=%0d%0aX:1"])
def test_paths_arrive_as_they_were_sent(
    stage: Stage, airflow: str, wandas: Browser, path: str
) -> None:
    assert wandas.fetch(airflow.rstrip("/") + path).status == 200
    assert stage.upstream.last.raw_path == path


def test_an_answer_streams_while_airflow_still_writes(
    stage: Stage, airflow: str, wandas: Browser
) -> None:
    with socket.create_connection(("127.0.0.1", stage.port), timeout=10) as connection:
        connection.sendall(raw_request(stage, wandas, airflow, "/drip"))
        got = b""
        while b"first\n" not in got:
            got += connection.recv(4096)
        assert b"second\n" not in got
        wandas.fetch(f"{airflow}drip/next")
        while b"second\n" not in got:
            got += connection.recv(4096)


def test_an_answer_that_streams_ends_with_the_right_to_it(
    stage: Stage, airflow: str, wandas: Browser, wanda: User
) -> None:
    with socket.create_connection(("127.0.0.1", stage.port), timeout=10) as connection:
        connection.sendall(raw_request(stage, wandas, airflow, "/drip"))
        got = b""
        while b"first\n" not in got:
            got += connection.recv(4096)
        WorkspaceRoleBinding.objects.filter(user=wanda).delete()
        access_changed(wanda.principal)

        rest = b"".join(iter(lambda: connection.recv(4096), b""))

    assert b"second" not in rest
    assert not rest.endswith(b"0\r\n\r\n"), "cut off, not ended in order"


def test_an_upload_streams_whole(stage: Stage, airflow: str, wandas: Browser) -> None:
    size = 20 * 1024 * 1024
    answer = wandas.request("POST", f"{airflow}upload", body=bytes(size))

    assert (answer.status, answer.text) == (200, str(size))


def test_who_hangs_up_ends_the_request_at_airflow(
    stage: Stage, airflow: str, wandas: Browser
) -> None:
    with socket.create_connection(("127.0.0.1", stage.port), timeout=10) as connection:
        connection.sendall(raw_request(stage, wandas, airflow, "/silent"))
        wait_for(stage.upstream.is_streaming.is_set, what="Airflow works on it")
    wait_for(lambda: stage.upstream.hung_up == ["/silent"], what="Airflow is told")


def test_half_an_answer_is_not_passed_off_as_whole(
    stage: Stage, airflow: str, wandas: Browser
) -> None:
    with socket.create_connection(("127.0.0.1", stage.port), timeout=10) as connection:
        connection.sendall(raw_request(stage, wandas, airflow, "/cut"))
        got = b""
        while chunk := connection.recv(4096):
            got += chunk
    assert b"content-length: 1000" in got.lower()
    assert got.endswith(b"half")


def test_connections_to_airflow_are_used_again(stage: Stage, airflow: str, wandas: Browser) -> None:
    for _ in range(5):
        wandas.fetch(airflow)

    assert len({id(request.transport) for request in stage.upstream.seen}) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://calm-comet-9999.localhost:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_airflow_changes_nothing_here(
    stage: Stage, airflow: str, wandas: Browser, headers: dict[str, str]
) -> None:
    """Siblings under one domain share what browsers call a site: SameSite cookies do not help."""
    answer = wandas.request("POST", f"{airflow}api/v2/dags/x/dagRuns", headers=headers, body=b"{}")

    assert answer.status == 403
    assert stage.upstream.seen == []


def test_airflows_own_page_may_change_things(stage: Stage, airflow: str, wandas: Browser) -> None:
    headers = {"Origin": airflow.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    answer = wandas.request("POST", f"{airflow}api/v2/dags/x/dagRuns", headers=headers, body=b"{}")

    assert answer.status == 200


def test_the_console_itself_is_still_there(stage: Stage) -> None:
    for host in (f"localhost:{stage.port}", "127.0.0.1"):
        answer = stage.browser().request("GET", f"http://{host}/livez")
        assert (answer.status, answer.text) == (200, "ok")


def test_the_doors_page_needs_nothing_of_the_console(
    stage: Stage, airflow: str, wandas: Browser
) -> None:
    page = wandas.open(f"{airflow}_astro/nothing")
    assert page.status == 404
    assert "default-src 'none'; style-src 'self'" in page.headers["Content-Security-Policy"]
    assert 'href="/_astro/door.css"' in page.text
    assert wandas.fetch(f"{airflow}_astro/door.css").headers["Content-Type"] == "text/css"
