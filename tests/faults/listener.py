"""A page that stays open: follows a Deployment's event stream, comes back as ours do, and looks
again at each word."""

from __future__ import annotations

import http.client
from contextlib import closing, suppress
from threading import Event, Thread
from urllib.parse import urlsplit

from tests.faults.world import World

REFUSED = {401, 403, 404}
RETRY_SECONDS = 2.0
"""As static/js/source.js waits after an answer that is no stream."""


class Listener:
    """Use it as a context; `shown` is what it saw when it last heard a word.

    `changed` lets it look again, `closed` is the last one: it shows what became of the page.
    """

    def __init__(self, world: World, deployment_id: str) -> None:
        self._world, self._deployment_id = world, deployment_id
        self._netloc = urlsplit(world.base_url).netloc
        self._path = f"/deployments/{deployment_id}/events/"
        cookies = world.line.cookies["localhost"]
        self._cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.shown: tuple[str, ...] = ()
        self._ended = Event()
        self._thread = Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _listen(self) -> None:
        while not self._ended.is_set():
            with suppress(OSError, RuntimeError, http.client.HTTPException):
                self._follow()
            self._ended.wait(RETRY_SECONDS)

    def _look(self) -> tuple[str, ...]:
        return self._world.shown(self._deployment_id)

    def _follow(self) -> None:
        port = int(self._netloc.rpartition(":")[2])
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Host": self._netloc, "Cookie": self._cookie, "Accept": "text/event-stream"}
        with closing(line):
            line.request("GET", self._path, headers=headers)
            answer = line.getresponse()
            if answer.status in REFUSED:
                self.shown = self._look()  # source.js loads the page then
            while not self._ended.is_set() and (text := answer.readline()):
                if text.startswith(b"event: "):
                    self.shown = self._look()
                if text.startswith(b"event: closed"):
                    self._ended.set()
