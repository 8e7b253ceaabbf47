"""What befalls a console: each fault for real, on the processes that it is about."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import redis

from astro_ui.bench.waiting import until
from astro_ui.embedded import redis_url
from deployments.provisioners.local.record import Record
from tests.faults.cells import AND, PARTS
from tests.faults.world import World
from tests.provisioners.standin.agent import PYTHON

CLOCK = "clock"
"""The file by which `clock.c` moves the console's clock."""
FULL_SECONDS = 3.0
HOURS = 3 * 3600
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def strike(world: World, faults: str, deployment_id: str) -> bool:
    """Let them happen; False when there is nothing yet that they could hit."""
    hits = [_strike(world, fault, deployment_id) for fault in faults.split(AND)]
    return all(hits)


def _strike(world: World, fault: str, deployment_id: str) -> bool:
    verb, _, victim = fault.partition(" ")
    if fault == "flush redis":
        redis.Redis.from_url(redis_url(world.data)).flushall()
    elif fault == "restart postgres":
        os.kill(world.part("postgres"), signal.SIGINT)
    elif fault == "fill postgres":
        _fill_disk(world)
    elif verb == "clock":
        set_clock(world, HOURS if victim == "forward" else -HOURS)
    elif fault == "kill console":
        _kill_console(world)
    elif victim in {*PARTS, "redis"}:
        os.kill(world.part(victim), _SIGNALS[verb])
    else:
        return _hit(_pid_of(world, deployment_id, victim), _SIGNALS[verb])
    return True


def _kill_console(world: World) -> None:
    """And wait until it is whole again: all of its parts go down with it."""
    former = world.part("console")
    os.kill(former, signal.SIGKILL)
    until(lambda: world.part("console") != former, "another supervisor", seconds=120)
    world.wait_until_whole()


def set_clock(world: World, seconds: int) -> None:
    """Of every process of the console, at once."""
    with (world.data.parent / CLOCK).open("r+b") as file:
        file.write(struct.pack("q", seconds))
    world.clock_ahead = seconds


def has_clock(world: World) -> bool:
    return (world.data.parent / CLOCK).exists()


def clock_variables(folder: Path) -> dict[str, str]:
    """Let a console take its wall clock from a file; empty without a compiler and its headers."""
    library = folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    compiler = shutil.which("cc")
    command = [str(compiler), "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    if compiler is None or subprocess.run(command).returncode:
        return {}
    (folder / CLOCK).write_bytes(struct.pack("q", 0))
    return {"LD_PRELOAD": str(library), "FAULTS_CLOCK": str(folder / CLOCK)}


def _pid_of(world: World, deployment_id: str, victim: str) -> int | None:
    place = world.place(deployment_id)
    with suppress(OSError, ValueError, IndexError, TypeError):
        if victim == "supervisor":
            tree = Record.load(place.record).tree
            return tree.pid if tree else None
        life = (place.supervisor / f"{victim}.life").read_text(encoding="utf-8")
        return int(life.split()[-2])
    return None


def _hit(pid: int | None, number: signal.Signals) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _fill_disk(world: World) -> None:
    """PostgreSQL takes a limit of its files' size for a full disk: it ignores SIGXFSZ on purpose.

    Source: PostgreSQL, src/backend/postmaster/postmaster.c, PostmasterMain.
    """
    leader = world.part("postgres")
    owner = psutil.Process(leader).uids().real
    # Only the server's own user may change its limits, and that user may not pass our folders
    become = {"user": owner, "group": owner, "extra_groups": []} if os.geteuid() == 0 else {}
    command = [str(PYTHON), "-c", _LIMIT, str(leader), str(FULL_SECONDS)]
    subprocess.run(command, cwd="/", check=True, **become)  # type: ignore[call-overload]


_LIMIT = """
import os, resource, sys, time
leader, seconds = int(sys.argv[1]), float(sys.argv[2])

def family():
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                parent = int(stat.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if leader in (parent, int(name)):
            yield int(name)

def limit(soft):
    for pid in family():
        try:
            hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if soft is None else soft, hard))
        except ProcessLookupError:
            continue

end = time.monotonic() + seconds
while time.monotonic() < end:  # new processes of the server get the limit, too
    limit(0)
    time.sleep(0.05)
limit(None)
"""
