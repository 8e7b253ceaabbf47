"""The processes that `up` starts, and how its web processes listen."""

from __future__ import annotations

from pathlib import Path

import pytest

from astro_ui.embedded import Places
from astro_ui.embedded.places import free_port
from astro_ui.serving import configuration, listening
from astro_ui.up.programs import services
from astro_ui.up.site import Site


def names(tmp_path: Path) -> list[str]:
    return [program.name for program in services(Site(Places(tmp_path), "127.0.0.1", 8000))]


def test_one_web_process_serves_unless_somebody_wants_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names(tmp_path) == ["agent", "web", "worker", "beat"]
    monkeypatch.setenv("ASTRO_UI_WEB_PROCESSES", "2")
    assert names(tmp_path) == ["agent", "web", "web-2", "worker", "beat"]


def test_what_nobody_waits_for_gives_way_to_pages(tmp_path: Path) -> None:
    site = Site(Places(tmp_path), "127.0.0.1", 8000)
    assert [each.name for each in services(site) if each.niceness] == ["worker"]


def test_web_processes_share_one_address() -> None:
    port = free_port()
    with listening("127.0.0.1", port) as first, listening("127.0.0.1", port) as second:
        assert first.getsockname() == second.getsockname() == ("127.0.0.1", port)


def test_the_web_server_itself_believes_nobody_who_the_client_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASTRO_UI_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert configuration().proxy_headers is False
