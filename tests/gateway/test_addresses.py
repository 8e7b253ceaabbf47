"""From a request to the Airflow that it is for, by host name or by path."""

from __future__ import annotations

import pytest

from deployments.gateway.addresses import Pattern, local_path

BY_HOST = Pattern("http://{namespace}.localhost:8000/", console_hosts=["localhost", "127.0.0.1"])
BY_PATH = Pattern("https://console.example.com/airflow/{namespace}/")


@pytest.mark.parametrize(
    "host",
    [
        "calm-comet-0001.localhost:8000",
        "calm-comet-0001.localhost",
        "CALM-comet-0001.LocalHost:443",
    ],
)
def test_a_host_name_leads_to_its_airflow(host: str) -> None:
    found = BY_HOST.match(host, "/dags")

    assert found is not None
    assert (found.namespace, found.prefix) == ("calm-comet-0001", "")
    assert found.base_url == "http://calm-comet-0001.localhost:8000/"


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8000",
        "127.0.0.1:8000",
        "",
        "a.b.localhost:8000",
        "-a.localhost",
        "calm-comet-0001.localhost.evil.example",
        "calm-comet-0001.localhost.",
        "calm-comet-0001-localhost",
        "user@calm/comet.localhost",
    ],
)
def test_other_hosts_are_the_consoles_to_judge(host: str) -> None:
    assert BY_HOST.match(host, "/") is None


def test_the_console_keeps_its_own_name_below_the_same_domain() -> None:
    pattern = Pattern("https://{namespace}.example.com/", console_hosts=["console.example.com"])

    assert pattern.match("console.example.com", "/") is None
    assert pattern.match("calm-comet-0001.example.com", "/") is not None


def test_a_path_leads_to_its_airflow() -> None:
    found = BY_PATH.match("console.example.com", "/airflow/calm-comet-0001/dags")

    assert found is not None
    assert found.base_url == "https://console.example.com/airflow/calm-comet-0001/"
    assert found.prefix == "/airflow/calm-comet-0001"
    assert found.own("/airflow/calm-comet-0001/_astro/sign-in") == "sign-in"
    assert found.own("/airflow/calm-comet-0001/dags") == ""


@pytest.mark.parametrize("path", ["/", "/airflow/", "/airflow/UPPER/", "/x/airflow/a-b-1/"])
def test_other_paths_are_the_consoles(path: str) -> None:
    assert BY_PATH.match("console.example.com", path) is None


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/dags?x=1", "dags?x=1"),
        ("http://a.localhost:8000/dags#top", "dags#top"),
        ("/", ""),
        ("", ""),
        ("http://b.localhost:8000/dags", ""),
        ("http://a.localhost:8000@evil.example/", ""),
        ("//evil.example", ""),
        ("/\\evil.example", ""),
        ("/a b", ""),
        ("/a\nb", ""),
    ],
)
def test_only_places_inside_are_places_to_go(target: str, expected: str) -> None:
    assert local_path(target, "http://a.localhost:8000/") == expected
