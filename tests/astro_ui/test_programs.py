"""The processes that `up` starts, as command lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from astro_ui.embedded import Places
from astro_ui.up.programs import services
from astro_ui.up.site import Site


def web(tmp_path: Path) -> list[str]:
    site = Site(Places(tmp_path), "127.0.0.1", 8000)
    return next(program.argv for program in services(site) if program.name == "web")


def test_the_web_server_itself_believes_nobody_who_the_client_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRO_UI_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")

    argv = web(tmp_path)

    assert "--no-proxy-headers" in argv
    assert "--proxy-headers" not in argv
