"""What nobody waits for is done by a thread of its own: the first at once, the others together."""

from __future__ import annotations

from threading import Event

import pytest

from astro_ui.bench.waiting import until
from web import aside
from web.aside import Aside


def test_what_comes_meanwhile_is_done_together_and_in_order() -> None:
    done: list[list[int]] = []
    may_go_on = Event()

    def work(items: list[int]) -> None:
        done.append(items)
        may_go_on.wait(10)

    sums = Aside("sums", work, pause_seconds=0, most=3)
    sums.put(0)
    until(lambda: done, "the first alone")
    for number in range(1, 6):
        sums.put(number)
    may_go_on.set()

    until(lambda: sum(map(len, done)) == 6, "all of them")
    assert done == [[0], [1, 2, 3], [4, 5]]


def test_what_fails_is_logged_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def work(items: list[str]) -> None:
        if "bad" in items:
            raise ValueError("no")
        done.extend(items)

    words = Aside("words", work, pause_seconds=0, most=1)
    for word in ("bad", "good"):
        words.put(word)

    until(lambda: done == ["good"], "the next")
    assert "words: lost 1" in caplog.text


def test_where_work_hangs_memory_does_not_fill_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MOST_WAITING", 5)
    done: list[list[int]] = []
    may_go_on = Event()

    def work(items: list[int]) -> None:
        done.append(items)
        may_go_on.wait(10)

    hanging = Aside("hanging", work, pause_seconds=0, most=100)
    hanging.put(0)
    until(lambda: done, "the first")
    for number in range(1, 20):
        hanging.put(number)
    may_go_on.set()

    until(lambda: len(done) == 2, "the second")
    assert done[1] == [1, 2, 3, 4, 5]
