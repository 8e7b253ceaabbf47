"""What `up` promises: one start, an orderly end, the same state again, no orphan after a kill."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from astro_ui.embedded import leftovers
from tests.boot.running import Console, eventually, free_port, is_live

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield from _data(tmp_path_factory)


@dataclass(frozen=True)
class Standing:
    console: Console
    address: str
    data: Path


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """One console for the tests that leave it as it was; a manager's signal ends it in order."""
    for data in _data(tmp_path_factory):
        console, address = _up(data)
        yield Standing(console, address, data)
        console.process.send_signal(signal.SIGTERM)
        assert console.wait() == 0


def _data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    data = tmp_path_factory.mktemp("console") / "data"
    yield data
    leftovers.end([*_marked(data), *_redis_servers(data)])


def _marked(data: Path) -> list[psutil.Process]:
    return leftovers.find(str(data))


def _titled(data: Path, title: str) -> set[int]:
    """Processes that show this in a process listing."""
    return {process.pid for process in _marked(data) if title in _shown(process)}


def _shown(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it ended meanwhile
        return ""


def _wait_for(data: Path, title: str, *, former: int = 0) -> int:
    """The one process of this title, once it is there and not the former one."""
    found: list[int] = []

    def is_there() -> bool:
        found[:] = _titled(data, title) - {former}
        return len(found) == 1

    eventually(is_there, f"{title} is there")
    return found[0]


def _redis_servers(data: Path) -> list[psutil.Process]:
    """By their folder: Redis hides the mark."""
    sought = {"name": "redis-server", "cwd": str(data / "redis")}
    return [each for each in psutil.process_iter(list(sought)) if each.info == sought]


def _up(data: Path, **variables: str) -> tuple[Console, str]:
    port = free_port()
    console = Console(data, "--port", str(port), **variables)
    console.wait_until_ready()
    return console, f"http://127.0.0.1:{port}"


def test_it_comes_up_stops_in_order_and_comes_back_where_it_was_moved(data: Path) -> None:
    console, address = _up(data)
    assert "/setup/?key=" in console.output
    assert "Warning" not in console.output
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
    console.process.kill()
    console.process.wait()
    assert _marked(data), "the supervisor keeps the console running"

    console, _ = _up(data)
    assert "that an earlier start had left" in console.output
    assert len(_redis_servers(data)) == 1
    assert console.interrupt() == 0
    assert _marked(data) == _redis_servers(data) == []


def test_a_dead_process_is_started_again(standing: Standing) -> None:
    for title in ("astro-ui web", "[celeryd", "[celery beat"):
        former = _wait_for(standing.data, title)
        psutil.Process(former).kill()
        _wait_for(standing.data, title, former=former)
    eventually(lambda: is_live(standing.address), "the web server is back")


def test_a_killed_supervisor_costs_a_start_and_no_console(standing: Standing) -> None:
    data = standing.data
    supervisor = int((data / "run" / "supervisor.pid").read_text())
    psutil.Process(supervisor).kill()
    eventually(lambda: standing.console.output.count("Ctrl-C stops") == 2, "it is ready again")
    assert is_live(standing.address)
    assert len(_redis_servers(data)) == 1
    assert len(_titled(data, "astro-ui web")) == 1
    assert psutil.pid_exists(supervisor) is False


def test_its_parts_come_before_airflows_that_start(standing: Standing) -> None:
    web = _wait_for(standing.data, "astro-ui web")
    group = Path(f"/proc/{web}/autogroup")
    if os.geteuid() == 0 and group.exists():
        assert group.read_text().endswith(" nice -10\n")


def test_the_agent_shares_no_memory_with_what_knows_the_keys(standing: Standing) -> None:
    agent = _wait_for(standing.data, "deployments.provisioners.local.agent")
    web = _wait_for(standing.data, "astro-ui web")
    libraries = [str(psutil.Process(pid).memory_maps()) for pid in (agent, web)]
    assert ["/uvloop/" in each for each in libraries] == [False, True]


def test_two_web_processes_answer_also_while_one_is_dead(data: Path) -> None:
    console, address = _up(data, ASTRO_UI_WEB_PROCESSES="2")
    eventually(lambda: len(_titled(data, "astro-ui web")) == 2, "two web processes")
    for pid in _titled(data, "astro-ui web"):
        psutil.Process(pid).kill()
        eventually(lambda: is_live(address), "the console answers")
        eventually(lambda: len(_titled(data, "astro-ui web")) == 2, "two again")
    assert console.interrupt() == 0
    assert _marked(data) == []


def test_a_second_start_on_the_same_data_says_so(standing: Standing) -> None:
    second = Console(standing.data, "--port", str(free_port()))
    assert second.wait() == 1
    holder = standing.console.process.pid
    assert f"It runs already on {standing.data} (process {holder})" in second.output


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


def test_nobody_else_can_read_what_it_keeps(standing: Standing) -> None:
    for name in ("secrets", "run", "logs", "postgres", "redis"):
        assert stat.S_IMODE((standing.data / name).stat().st_mode) & 0o066 == 0, name
