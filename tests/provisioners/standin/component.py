"""One component: `component.py NAME PORT`. Standard library only, as any Python may run it.

The web server answers `/health` and prints what `/say/<text>` asks for. The scheduler behaves as
badly as a real one: it has a child that ignores SIGTERM, and a grandchild in a session of its own
with an empty environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def say(text: str) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    print(f"{stamp}.{time.time_ns() // 1000 % 1_000_000:06d}Z [info     ] {text}", flush=True)


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/say/"):
            say(unquote(self.path.removeprefix("/say/")))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: object) -> None:
        """Only what a test asks for is printed."""


def main(name: str, port: int) -> None:
    say(f"{name} started")
    if name == "scheduler":
        subprocess.Popen([sys.executable, "-c", DEAF])
        subprocess.Popen([sys.executable, "-c", DEAF], start_new_session=True, env={})
    if name == "api-server":
        server = ThreadingHTTPServer(("127.0.0.1", port), Page)
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        server.serve_forever()
    while True:
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
