"""`.env.example` lists what the settings read, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from astro_ui.environment import Environment, SettingsError

ROOT = Path(__file__).parents[2]
READS = re.compile(r'env\.(?:text|flag|number|words|networks)\(\s*"([A-Z_]+)"')
LISTED = re.compile(r"^#([A-Z_]+?)(?:_FILE)?=", re.MULTILINE)


def test_every_variable_of_the_settings_is_listed() -> None:
    sources = (ROOT / "astro_ui" / name for name in ("settings.py", "parts.py"))
    read = {name for source in sources for name in READS.findall(source.read_text())}
    listed = set(LISTED.findall((ROOT / ".env.example").read_text()))

    assert read <= listed


def test_a_proxy_is_named_by_address_or_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRO_UI_TRUSTED_PROXIES", "127.0.0.1, proxy.internal")
    env = Environment()

    env.networks("ASTRO_UI_TRUSTED_PROXIES")

    with pytest.raises(SettingsError, match="ASTRO_UI_TRUSTED_PROXIES: 'proxy"):
        env.finish()
