"""What the doctor promises: every finding has its remedy, and it speaks while nothing runs."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from astro_ui.up.site import CHECKOUT
from tests.boot.running import clean_environment, free_port

pytestmark = pytest.mark.slow


def _doctor(data: Path, *options: str, **variables: str) -> tuple[int, dict[str, dict[str, str]]]:
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json", *options],
        cwd=CHECKOUT,
        env={**clean_environment(data), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = {one["check"]: one for one in json.loads(done.stdout)}
    return done.returncode, found


def test_a_sound_machine_has_no_problem_and_each_warning_a_remedy(tmp_path: Path) -> None:
    code, found = _doctor(tmp_path / "data", "--port", str(free_port()))
    assert code == 0, found
    assert {one["verdict"] for one in found.values()} <= {"ok", "warning"}
    assert all(one["remedy"] for one in found.values() if one["verdict"] == "warning")


def test_an_unreachable_server_and_a_taken_port_are_problems(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
        code, found = _doctor(tmp_path / "data", "--port", port, DATABASE_URL=url)
    assert code == 1
    assert found["PostgreSQL"]["verdict"] == "problem"
    assert "DATABASE_URL" in found["PostgreSQL"]["remedy"]
    assert "--port" in found["Port"]["remedy"]


def test_wrong_settings_are_a_finding_and_no_crash(tmp_path: Path) -> None:
    code, found = _doctor(tmp_path / "data", EMAIL_PORT="often")
    assert code == 1
    assert found["Settings"]["detail"].endswith("EMAIL_PORT is 'often'; write a whole number")
