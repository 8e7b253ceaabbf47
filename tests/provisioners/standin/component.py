"""One component: `component.py NAME PORT`. Standard library only, as any Python may run it.

The web server answers `/health` and prints what `/say/<text>` asks for. The scheduler behaves as
badly as a real one with tasks in flight: it has a child that ignores SIGTERM, one in a session of
its own with an empty environment, as a BashOperator with `env` makes it, and one that forked twice
to get away. Each writes its process id and start into `tasks/`. A file `hold-stop` holds up the
triggerer's end.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

TASK = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[2:] == ["daemon"]:
    for _ in range(2):
        if os.fork():
            os._exit(0)
        os.setsid()
with open(f"{sys.argv[1]}/{os.getpid()}", "w") as file:
    with open("/proc/self/stat") as stat:
        file.write(stat.read().rpartition(")")[2].split()[19])
time.sleep(600)
"""
BEAT_SECONDS = 0.5


def say(text: str) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    print(f"{stamp}.{time.time_ns() // 1000 % 1_000_000:06d}Z [info     ] {text}", flush=True)


def serve(port: int) -> None:
    # Where they are needed only: they cost several times what the rest of a start does
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from urllib.parse import unquote

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/say/"):
                say(unquote(self.path.removeprefix("/say/")))
            is_known = self.path == "/health" or self.path.startswith("/say/")
            self.send_response(200 if is_known else 404)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments: object) -> None:
            """Only what a test asks for is printed."""

    ThreadingHTTPServer(("127.0.0.1", port), Page).serve_forever()


def start_tasks() -> None:
    import subprocess

    folder = Path("tasks")
    folder.mkdir(exist_ok=True)
    task = [sys.executable, "-I", "-S", "-c", TASK, str(folder.absolute())]
    subprocess.Popen(task)
    subprocess.Popen(task, start_new_session=True, env={})
    subprocess.Popen([*task, "daemon"], env={}).wait()


def end_slowly(*_: object) -> None:
    while Path("hold-stop").exists():
        time.sleep(0.05)
    os._exit(0)


def main(name: str, port: int) -> None:
    say(f"{name} started")
    signal.signal(signal.SIGTERM, end_slowly if name == "triggerer" else lambda *_: os._exit(0))
    if name == "scheduler":
        start_tasks()
    if name == "api-server":
        serve(port)
    while True:
        Path(f"{name}.beat").write_text(str(time.monotonic()))
        time.sleep(BEAT_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
