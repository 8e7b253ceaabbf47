"""What a forked program promises: it is like a fresh process, and never returns to its parent."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, random, signal, sys
from deployments.provisioners.local import forked
with forked.loading():
    random.seed(1)
signal.signal(signal.SIGTERM, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.environ["SECRET"] = "of the parent"

def main():
    import atexit
    atexit.register(print, "at its end")
    print(sorted(os.environ), signal.getsignal(signal.SIGTERM).name)
    print(signal.pthread_sigmask(signal.SIG_BLOCK, []), end=" ")
    print(random.random() != random.Random(1).random())
    print(open("/proc/self/cmdline").read().rstrip(chr(0)))
    {ending}

child = os.fork()
if child == 0:
    forked.run(main, environment={{"GIVEN": "1"}}, title="its title")
print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def _run(ending: str) -> tuple[list[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(ending=ending)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no room')", 1, "no room"),
        ("raise ValueError('broken')", 1, "ValueError: broken"),
    ],
)
def test_it_runs_as_a_fresh_process_and_ends_as_one(ending: str, code: int, said: str) -> None:
    lines, errors = _run(ending)
    assert lines == [
        "['GIVEN'] SIG_DFL",
        "set() True",
        "its title",
        "at its end",
        f"ended {code}",
    ]
    assert said in errors


OTHER_OUTPUT = """
import io, os, sys, tempfile
from deployments.provisioners.local import forked
kept = os.dup(1)
os.dup2(os.open(tempfile.mkstemp()[1], os.O_RDWR), 1)
sys.stdout = open(1, "w", closefd=False)  # a file, in which one can seek
print("of the parent", flush=True)

def main():
    io.TextIOWrapper(sys.stdout.buffer, line_buffering=True).write("of the child\\n")

child = os.fork()
if child == 0:
    os.dup2(kept, 1)
    forked.run(main, environment={}, title="its title")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_its_output_is_what_it_was_given_and_not_what_its_parent_had() -> None:
    """Airflow's Celery worker lays a writer of its own over the output, which asks whether it
    can seek there."""
    done = subprocess.run(
        [sys.executable, "-c", OTHER_OUTPUT],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "of the child\n", "")
