"""What a tenant may let the console send to: judged at each hop, and connected to as judged."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tests.web.certificates import made
from tests.web.listeners import Listener, listening, reply
from web.outgoing import http, rules, sockets
from web.outgoing.errors import AddressRefused, NoAnswer
from web.outgoing.http import Limits, Request, send

SLOW = 20.0
"""Seconds for what should take none: this machine may be busy."""


@pytest.fixture
def server(settings: Settings) -> Iterator[Listener]:
    """An address that the operator allows."""
    settings.OUTGOING_NETWORKS = ["127.0.0.1"]
    settings.OUTGOING_HTTP = True
    with listening() as listener:
        yield listener


@pytest.fixture
def inside() -> Iterator[Listener]:
    """A server of the operator's that no tenant may reach."""
    with listening("127.0.0.2") as listener:
        yield listener


def get(url: str, **limits: Any) -> http.Answer:
    return send(Request("GET", url), Limits(**({"seconds": SLOW} | limits)))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",  # noqa: S104
        "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "168.63.129.16",
        "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.255.255.250",
        "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254",
        "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "3fff::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::10.0.0.1", "100::1",
        "5f00::1",
    ],
)  # fmt: skip
def test_no_address_inside_is_permitted(address: str) -> None:
    assert not rules.permits(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "185.199.108.153", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"],
)
def test_hosts_of_the_internet_are(address: str) -> None:
    assert rules.permits(ip_address(address))


def test_the_operator_adds_networks_of_their_own(settings: Settings) -> None:
    settings.OUTGOING_NETWORKS = ["10.20.0.0/16", "fd00:12::/32"]

    assert rules.permits(ip_address("10.20.1.1"))
    assert rules.permits(ip_address("::ffff:10.20.1.1"))
    assert rules.permits(ip_address("fd00:12::1"))
    assert not rules.permits(ip_address("10.21.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "//example.com/", "example.com", "", "https://", "https:///path", "https://u@example.com/",
        "https://user:pass@example.com/", "https://example.com:0/", "https://example.com:99999/",
        "https://[::1/", "https://example.com/" + "a" * 2000,
    ],
)  # fmt: skip
def test_only_an_address_of_https_is_taken(url: str) -> None:
    with pytest.raises(AddressRefused):
        rules.checked(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "2130706434", "0x7f000002", "127.2", "017700000002", "[::ffff:127.0.0.2]",
     "[::ffff:7f00:2]"],
)  # fmt: skip
def test_however_an_inner_address_is_written(server: Listener, inside: Listener, host: str) -> None:
    with pytest.raises(AddressRefused):
        get(f"http://{host}:{inside.port}/")

    assert inside.arrived == []


def test_an_answer_comes_back_whole(server: Listener) -> None:
    answer = send(Request("POST", f"{server.url}/in", {"X-Kind": "test"}, body=b"hello"))

    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"ok", "2")
    arrived = server.arrived[0]
    assert (arrived.method, arrived.path, arrived.body) == ("POST", "/in", b"hello")
    assert arrived.headers["X-Kind"] == "test"


def test_a_name_is_asked_for_once_and_the_judged_address_connected_to(
    server: Listener, inside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer would be the operator's own."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        ip = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    answer = get(f"http://rebind.example:{server.port}/")

    assert (answer.status, asked) == (200, ["rebind.example"])
    assert server.arrived[0].headers["Host"] == f"rebind.example:{server.port}"


def test_of_several_addresses_only_the_permitted_are_connected_to(
    server: Listener, inside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, inside.port))
        for ip in ("127.0.0.2", "127.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(NoAnswer):
        get(f"http://both.example:{inside.port}/")

    assert inside.arrived == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_judged_like_the_first_address(
    server: Listener, inside: Listener, status: int
) -> None:
    server.redirects("/", inside.url, status)

    with pytest.raises(AddressRefused):
        get(server.url)

    assert inside.arrived == []


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://[oops/"])
def test_a_redirect_to_another_scheme_is_refused(server: Listener, to: str) -> None:
    server.redirects("/", to)

    with pytest.raises(AddressRefused):
        get(server.url)


def test_redirects_are_followed_as_often_as_allowed(server: Listener) -> None:
    server.redirects("/", "/one")
    server.redirects("/one", "/two")
    server.redirects("/round", "/round")

    assert get(server.url, redirects=2).url == f"{server.url}/two"
    with pytest.raises(NoAnswer, match="more than 1 times"):
        get(server.url, redirects=1)
    with pytest.raises(NoAnswer):
        get(f"{server.url}/round")


def test_a_post_is_repeated_only_where_it_stays_a_post(server: Listener) -> None:
    server.redirects("/moved", "/other", 302)
    server.redirects("/kept", "/other", 307)

    assert send(Request("POST", f"{server.url}/moved", body=b"x")).status == 302
    assert send(Request("POST", f"{server.url}/kept", body=b"x")).status == 200
    assert [(each.path, each.body) for each in server.arrived] == [
        ("/moved", b"x"), ("/kept", b"x"), ("/other", b"x"),
    ]  # fmt: skip


@pytest.mark.parametrize("status", [307, 308])
def test_a_body_stays_with_the_origin_that_was_named(server: Listener, status: int) -> None:
    """As that of a token endpoint, which holds the client's secret."""
    with listening() as other:
        server.redirects("/away", other.url, status)
        asked = Request("POST", f"{server.url}/away", body=b"client_secret=s")

        assert send(asked).status == status

    assert other.arrived == []


def test_secrets_stay_with_the_origin_that_was_named(server: Listener) -> None:
    with listening() as other:
        server.redirects("/away", other.url)
        server.redirects("/here", "/there")
        for path in ("/away", "/here"):
            send(Request("GET", f"{server.url}{path}", secrets={"Authorization": "Bearer s"}))

    assert "Authorization" not in other.arrived[0].headers
    assert server.arrived[-1].headers["Authorization"] == "Bearer s"


def test_a_body_is_read_up_to_its_limit(server: Listener) -> None:
    server.answers["/"] = lambda handler: reply(handler, 200, b"x" * 2000)
    server.answers["/zip"] = lambda handler: reply(
        handler, 200, b"\x1f\x8b not gzip", **{"Content-Encoding": "gzip"}
    )

    assert len(get(server.url, most_bytes=2000).body) == 2000
    with pytest.raises(NoAnswer, match="longer than 1,999"):
        get(server.url, most_bytes=1999)
    assert get(f"{server.url}/zip").body == b"\x1f\x8b not gzip", "nothing is unpacked"


def _drip(handler: BaseHTTPRequestHandler, first: bytes) -> None:
    try:
        handler.wfile.write(first)
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        handler.close_connection = True


@pytest.mark.parametrize("rest", [b"Content-Length: 999\r\n\r\n", b"X-Long: "])
def test_an_answer_that_drips_ends_with_the_whole_time(server: Listener, rest: bytes) -> None:
    server.answers["/"] = lambda handler: _drip(handler, b"HTTP/1.1 200 OK\r\n" + rest)
    began = time.monotonic()

    with pytest.raises(NoAnswer, match=r"within 0\.5 s"):
        get(server.url, seconds=0.5)

    assert time.monotonic() - began < 5


def test_a_silent_name_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    speaks = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: speaks.wait() and [])

    with pytest.raises(NoAnswer):
        get("https://silent.example/", seconds=0.2)
    with pytest.raises(NoAnswer):
        sockets.connect("silent.example", 514, seconds=0.2)

    speaks.set()


def test_a_host_inside_reads_like_one_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        if host.startswith("db"):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", 443))]
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    causes = []
    for host in ("db.internal", "no.internal"):
        with pytest.raises(AddressRefused) as refused:
            get(f"https://{host}/")
        causes.append(str(refused.value).replace(host, "H"))

    assert causes[0] == causes[1]


def test_nothing_listens_there(server: Listener) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(NoAnswer):
        get(f"http://127.0.0.1:{port}/")
    with pytest.raises(NoAnswer):
        sockets.connect("127.0.0.1", port, seconds=SLOW)


def test_a_certificate_must_be_valid_for_the_name(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.1"]
    certificate = made(tmp_path, "hooks.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    monkeypatch.setattr(http, "_trust", lambda: ssl.create_default_context(cafile=certificate.file))
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, port, **kw: ask("127.0.0.1", port, **kw))
    with listening(tls=context) as listener:
        assert get(f"https://hooks.example:{listener.port}/").status == 200
        with pytest.raises(NoAnswer, match="certificate"):
            get(f"https://other.example:{listener.port}/")


def test_the_environments_proxy_is_not_asked(
    server: Listener, inside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", inside.url)
    monkeypatch.setenv("http_proxy", inside.url)

    assert get(server.url).status == 200
    assert inside.arrived == []


def test_a_header_holds_no_second_one(server: Listener) -> None:
    with pytest.raises(NoAnswer):
        send(Request("GET", server.url, {"X-Kind": "a\r\nX-Other: b"}))

    assert server.arrived == []
