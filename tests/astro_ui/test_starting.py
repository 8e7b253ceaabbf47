"""`up` while it waits for a part: it hears Ctrl-C at once, and says which part keeps it waiting."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from astro_ui.embedded import Places
from astro_ui.up.failure import StartError
from astro_ui.up.site import Site
from astro_ui.up.supervisor import Halted, Supervisor


@pytest.fixture
def stopping() -> Event:
    return Event()


@pytest.fixture
def supervisor(tmp_path: Path, stopping: Event, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    made = Supervisor(Site(Places(tmp_path), "127.0.0.1", 8000), [], stopping)
    monkeypatch.setattr(made, "is_running", lambda: True)
    return made


def test_who_presses_ctrl_c_while_a_part_does_not_answer_is_heard(
    supervisor: Supervisor, stopping: Event
) -> None:
    stopping.set()
    with pytest.raises(Halted):
        supervisor.until(lambda: False, "PostgreSQL", seconds=3600)


def test_a_part_that_never_answers_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(StartError, match="PostgreSQL does not answer after 0 s"):
        supervisor.until(lambda: False, "PostgreSQL", seconds=0)
