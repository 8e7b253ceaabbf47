"""Decisions are remembered for less than a second, and shared by those who ask together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Event

import pytest
from django.db import OperationalError
from pytest_django.fixtures import Settings

from deployments import identity
from deployments.gateway import recent
from deployments.gateway.decisions import SIGN_IN, Asked, Decision, Verdict
from deployments.gateway.recent import Desk, RecentDecisions

WANDA = Asked("calm-comet-0001", pass_value="w")
MIA = Asked("calm-comet-0001", pass_value="m")


class Judge:
    """Counts how often it is asked; may be told to think."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.may_answer = Event()
        self.may_answer.set()

    def __call__(self, asked: Asked) -> Decision:
        self.asked.append(asked)
        self.may_answer.wait(timeout=10)
        return Decision(Verdict.ALLOWED, endpoint=f"answer {len(self.asked)}")


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk(2)
    yield made
    made.close()


@pytest.mark.asyncio
async def test_many_requests_of_one_page_ask_once(desk: Desk) -> None:
    judge = Judge()
    decisions = RecentDecisions(desk, judge)

    await asyncio.gather(*(decisions.of(WANDA) for _ in range(20)))
    await decisions.of(MIA)
    assert judge.asked == [WANDA, MIA]


@pytest.mark.asyncio
async def test_nothing_is_remembered_longer_than_its_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge()
    decisions = RecentDecisions(desk, judge)
    first = await decisions.of(WANDA)
    assert await decisions.of(WANDA) is first
    monkeypatch.setattr(recent, "LIFE_SECONDS", 0)

    assert await decisions.of(WANDA) is not first


@pytest.mark.asyncio
async def test_who_asks_on_never_waits_and_gets_the_newer_answer_once_it_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge()
    decisions = RecentDecisions(desk, judge)
    first = await decisions.of(WANDA)
    monkeypatch.setattr(recent, "AHEAD_SECONDS", 0)
    judge.may_answer.clear()

    assert [await decisions.of(WANDA) for _ in range(3)] == [first] * 3
    judge.may_answer.set()
    async with asyncio.timeout(10):
        while await decisions.of(WANDA) is first:
            await asyncio.sleep(0)
    assert judge.asked[:2] == [WANDA, WANDA]


@pytest.mark.asyncio
async def test_an_answer_asked_for_ahead_is_void_when_a_signal_comes_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge()
    decisions = RecentDecisions(desk, judge)
    first = await decisions.of(WANDA)
    monkeypatch.setattr(recent, "AHEAD_SECONDS", 0)
    judge.may_answer.clear()
    await decisions.of(WANDA)
    decisions.drop()
    judge.may_answer.set()
    monkeypatch.setattr(recent, "AHEAD_SECONDS", 3600)

    later = await decisions.of(WANDA)
    assert later is not first
    async with asyncio.timeout(10):
        while len(judge.asked) < 3:
            await asyncio.sleep(0)
    assert await decisions.of(WANDA) is later


@pytest.mark.asyncio
async def test_an_answer_under_way_when_the_signal_comes_is_not_kept(desk: Desk) -> None:
    """It may have read what was true before."""
    judge = Judge()
    judge.may_answer.clear()
    decisions = RecentDecisions(desk, judge)
    waiting = asyncio.create_task(decisions.of(WANDA))
    await asyncio.sleep(0)
    decisions.drop(principal_id="somebody")
    judge.may_answer.set()
    await waiting

    await decisions.of(WANDA)
    assert judge.asked == [WANDA, WANDA]


@pytest.mark.asyncio
async def test_a_failure_is_not_remembered(desk: Desk) -> None:
    answers: Iterator[Exception | Decision] = iter(
        [RuntimeError("no database"), Decision(Verdict.FORBIDDEN)]
    )

    def judge(_: Asked) -> Decision:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    decisions = RecentDecisions(desk, judge)
    with pytest.raises(RuntimeError, match="no database"):
        await decisions.of(WANDA)
    assert (await decisions.of(WANDA)).verdict is Verdict.FORBIDDEN


@pytest.mark.asyncio
async def test_who_shows_nothing_costs_no_question(desk: Desk) -> None:
    judge = Judge()

    assert await RecentDecisions(desk, judge).of(Asked("calm-comet-0001")) is SIGN_IN
    assert judge.asked == []


def away(asked: Asked) -> Decision:
    raise OperationalError("the database is away")


@pytest.mark.asyncio
async def test_who_was_let_in_goes_on_while_the_database_is_away_and_not_for_long(
    desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions = RecentDecisions(desk, Judge())
    first = await decisions.of(WANDA)
    monkeypatch.setattr(recent, "LIFE_SECONDS", 0)
    monkeypatch.setattr(decisions, "_decide", away)

    assert await decisions.of(WANDA) is first
    with pytest.raises(OperationalError):
        await decisions.of(MIA)
    settings.AIRFLOW_GRACE_SECONDS = 0
    with pytest.raises(OperationalError):
        await decisions.of(WANDA)


@pytest.mark.asyncio
async def test_nobody_goes_on_who_was_refused_or_whose_right_may_have_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "LIFE_SECONDS", 0)
    answers = [Decision(Verdict.ALLOWED), Decision(Verdict.FORBIDDEN), Decision(Verdict.ALLOWED)]
    decisions = RecentDecisions(desk, lambda _: answers.pop(0))
    await decisions.of(WANDA)
    await decisions.of(WANDA)
    await decisions.of(MIA)
    monkeypatch.setattr(decisions, "_decide", away)

    with pytest.raises(OperationalError):
        await decisions.of(WANDA)
    await decisions.of(MIA)
    decisions.drop()
    with pytest.raises(OperationalError):
        await decisions.of(MIA)


def test_no_grace_is_longer_than_an_identity_lives(settings: Settings) -> None:
    assert settings.AIRFLOW_GRACE_SECONDS == identity.LONGEST_LIFE.total_seconds() == 60
