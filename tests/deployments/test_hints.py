"""A hint reaches the queue at once, and what comes right behind it goes together."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty

from astro_ui.bench.waiting import until
from astro_ui.celery import app
from deployments import hints


def test_the_first_goes_at_once_and_a_burst_in_few_messages() -> None:
    names = [f"burst-{number}" for number in range(hints.MOST + 5)]
    with app.connection_for_read() as line:
        queue = line.SimpleQueue("celery")
        sent: list[list[str]] = []

        def is_all_there() -> bool:
            with suppress(Empty):
                while message := queue.get_nowait():
                    message.ack()
                    about = message.payload[0][0] if message.payload[0] else []
                    if burst := [each for each in about if each in names]:
                        sent.append(burst)
            return sum(map(len, sent)) >= len(names)

        for name in names:
            hints.send(name)
            hints.send(name)  # twice is as good as once
        until(is_all_there, "all of them in the queue")
        queue.close()

    assert sorted({name for message in sent for name in message}) == sorted(names)
    assert sent[0][0] == "burst-0"
    assert len(sent) <= 4
    assert max(map(len, sent)) <= hints.MOST
