"""What `up` promises: one start, an orderly end, the same state again, no orphan after a kill."""

from __future__ import annotations

import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from astro_ui.embedded import leftovers
from tests.boot.running import Console, eventually, free_port, is_live

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    data = tmp_path_factory.mktemp("console") / "data"
    yield data
    leftovers.end(_marked(data))


def _marked(data: Path) -> list[psutil.Process]:
    return leftovers.find(str(data))


def _up(data: Path) -> tuple[Console, str]:
    port = free_port()
    console = Console(data, "--port", str(port))
    console.wait_until_ready()
    return console, f"http://127.0.0.1:{port}"


def test_it_comes_up_stops_in_order_and_comes_back_where_it_was_moved(data: Path) -> None:
    console, address = _up(data)
    assert "/setup/?key=" in console.output
    assert is_live(address)
    assert console.interrupt() == 0
    assert _marked(data) == []
    key = (data / "secrets" / "secret_key").read_text()

    moved = data.with_name("moved")
    shutil.move(data, moved)
    console, _ = _up(moved)
    assert console.interrupt() == 0
    assert (moved / "secrets" / "secret_key").read_text() == key


def test_a_killed_console_is_cleared_away_by_the_next_start(data: Path) -> None:
    console, _ = _up(data)
    supervisor = int((data / "run" / "supervisor.pid").read_text())
    psutil.Process(supervisor).kill()
    assert console.wait() == 1
    console.process.wait()

    console, _ = _up(data)
    console.process.kill()
    console.process.wait()
    assert _marked(data), "the supervisor keeps the console running"

    console, _ = _up(data)
    assert "that an earlier start had left" in console.output
    assert console.interrupt() == 0
    assert _marked(data) == []


def test_a_dead_process_is_started_again(data: Path) -> None:
    console, address = _up(data)
    for process in _marked(data):
        if "uvicorn" in process.cmdline():
            process.kill()
    eventually(lambda: is_live(address), "the web server is back")
    assert console.interrupt() == 0


def test_a_second_start_on_the_same_data_says_so(data: Path) -> None:
    console, _ = _up(data)
    second = Console(data, "--port", str(free_port()))
    assert second.wait() == 1
    assert f"It runs already on {data} (process {console.process.pid})" in second.output
    console.process.send_signal(signal.SIGTERM)
    assert console.wait() == 0


def test_a_taken_port_is_named_with_the_way_out(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        console = Console(data, "--port", str(port))
        assert console.wait() == 1
    assert f"Port {port} on 127.0.0.1 cannot be had" in console.output
    assert "--port" in console.output


def test_a_data_directory_that_cannot_be_made_is_named(data: Path) -> None:
    data.write_text("a file")
    console = Console(data, "--port", str(free_port()))
    assert console.wait() == 1
    assert str(data) in console.output
    assert "Traceback" not in console.output


def test_nobody_else_can_read_what_it_keeps(data: Path) -> None:
    console, _ = _up(data)
    assert console.interrupt() == 0
    for name in ("secrets", "run", "logs", "postgres", "redis"):
        assert stat.S_IMODE((data / name).stat().st_mode) & 0o066 == 0, name
