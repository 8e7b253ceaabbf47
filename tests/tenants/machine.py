"""Calls of two Organizations by turns, each with something of the other in it."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from html import unescape
from http.cookies import SimpleCookie
from typing import Any, TypeVar
from urllib.parse import unquote_plus

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from hypothesis import note

from accounts.models import Invitation
from tests.architecture.routes import Route
from tests.tenants.calls import (
    Call,
    Pick,
    add_foreign_value,
    addressed,
    for_machines,
    is_scim,
    names,
)
from tests.tenants.realm import PEOPLE, Caller, Realm
from tests.tenants.twins import alike, difference, twin

T = TypeVar("T")
_ID = re.compile(r"c[0-9a-z]{24}")
_OF_AN_OFFER = {"accounts:invitation", "accounts:invitation_accept"}
_SAID = {501, 503}
"""SCIM's `/Me` is nobody's; an Airflow that does not run."""
TWINS = 4
"""One swapped call in so many is compared with that of what nobody has."""
_AT_HOME = 2
"""Steps of twenty with nothing of the other in them."""
TURN = 25
"""Calls of one Organization before it is the other's turn."""


class Stage:
    """What all examples share: two Organizations as they were made, and the count of calls."""

    def __init__(self, routes: Sequence[Route], realms: tuple[Realm, Realm], calls: int) -> None:
        self.realms = realms
        self.wanted = calls
        self.routes = [*routes]
        self.named = {each.name: each for each in routes}
        self.cookies = {
            (realm.mark, name): client.cookies[settings.SESSION_COOKIE_NAME].value
            for realm in realms
            for name, client in realm.callers.items()
            if settings.SESSION_COOKIE_NAME in client.cookies
        }
        self.swapped: Counter[str] = Counter()
        """Calls with something of the other Organization, by route."""
        self.kinds: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self._deck: list[Route] = []
        self._dealt: dict[int, Route] = {}

    @property
    def is_over(self) -> bool:
        return self.swapped.total() >= self.wanted

    def deal(self, seed: int) -> Route:
        """A route, each before any comes again; for one seed always the same, should Hypothesis
        go over an example once more.

        Those that machines ask have several methods, and come as often.
        """
        if seed not in self._dealt:
            if not self._deck:
                self._deck = self._shuffled(seed)
            self._dealt[seed] = self._deck.pop()
        return self._dealt[seed]

    def _shuffled(self, seed: int) -> list[Route]:
        """One of each address comes first (the last is dealt first)."""
        deck = [each for each in self.routes for _ in range(_methods_of(each))]
        random.Random(seed).shuffle(deck)  # noqa: S311
        first = {each.name: place for place, each in enumerate(deck)}
        rest = [each for place, each in enumerate(deck) if first[each.name] != place]
        return [*rest, *(deck[place] for place in first.values())]

    def count(self, call: Call, answer: HttpResponseBase, swapped: str) -> None:
        self.statuses[answer.status_code] += 1
        self.kinds[swapped or "none"] += 1
        self.swapped[call.route.name] += bool(swapped)
        if swapped and self.swapped.total() % 1000 == 0:
            done = f"{self.swapped.total()} calls so far: {self.told()}"
            print(done, file=sys.__stdout__, flush=True)

    def told(self) -> str:
        """How they were swapped, and how they were answered."""
        counts = (dict(self.kinds), dict(sorted(self.statuses.items())))
        return ", ".join(f"{count} x {what}" for each in counts for what, count in each.items())

    def uncalled(self) -> set[str]:
        """Routes that no call with something of the other went to."""
        return set(self.named) - set(+self.swapped)

    def enter(self) -> None:
        """Everybody is signed in, as at first."""
        for realm in self.realms:
            realm.look()
            for name, client in realm.callers.items():
                client.cookies.clear()
                if (realm.mark, name) in self.cookies:
                    key = self.cookies[realm.mark, name]
                    client.cookies[settings.SESSION_COOKIE_NAME] = key
        mail.outbox.clear()


class TwoOrganizations:
    """Answers hold no mark and no id of the other, and are those that nobody's ids get; no row of
    the other changes. What one call leaves behind is there for those after it, until the end."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._block = transaction.atomic()
        self._block._from_testcase = True  # type: ignore[attr-defined]  # nothing is committed
        self._block.__enter__()
        self.stage.enter()
        self.own, self.other = self.stage.realms
        self.said: dict[str, set[str]] = {realm.mark: set() for realm in self.stage.realms}
        self.calls = 0
        self.turn_ends = TURN
        self.before = self.other.ledger.digests()

    def run(self, seeds: Iterable[int]) -> None:
        try:
            for seed in seeds:
                self.step(seed)
            self.hold_still()
        finally:
            transaction.set_rollback(True)
            self._block.__exit__(None, None, None)

    def step(self, seed: int) -> None:
        """Mostly with something of the other; now and then things come, change and go at home."""
        if self.stage.is_over:
            return
        seed, pick = self.turn(seed)
        kind = pick(range(20))
        if kind == 0:
            self.by_the_own_link(pick)
        elif kind <= _AT_HOME:
            self.at_home(pick)
        else:
            self.swapped(seed, pick)

    def swapped(self, seed: int, pick: Pick[Any]) -> None:
        """With ids of the other in the address, or a word of the other in body or query."""
        route = self.stage.deal(seed)
        if route.name in _OF_AN_OFFER:
            self.by_a_link(pick)
            return
        who = pick(self.callers(route))
        ways = (self.with_all_ids, self.with_one_id)[: len(names(route))]
        pick((*ways, self.with_a_word, self.with_a_word))(who, route, pick)

    def with_all_ids(self, who: str, route: Route, pick: Pick[Any]) -> None:
        """Every id is the other's: the answer that the matrix has for a stranger."""
        call = addressed(route, [self.other] * len(names(route)), self.own, pick)
        answer = self.ask(who, call, "all ids")
        if call.is_for_machines:
            assert answer.status_code >= 400, f"{who} of {self.own.mark}: {call}"
        else:
            assert answer.status_code == route.status_for("oscar"), f"{who}: {call}"

    def with_one_id(self, who: str, route: Route, pick: Pick[Any]) -> None:
        """Below one's own Organization, or one's own below the other's."""
        realms = [self.own] * len(names(route))
        realms[pick(range(len(realms)))] = self.other
        self.ask(who, addressed(route, realms, self.own, pick), "one id")

    def with_a_word(self, who: str, route: Route, pick: Pick[Any]) -> None:
        """One's own address, with the other's id, address or name in body or query."""
        call = addressed(route, [self.own] * len(names(route)), self.own, pick)
        add_foreign_value(call, self.other, pick)
        self.ask(who, call, "a word")

    def at_home(self, pick: Pick[Any]) -> None:
        """Without anything of the other: things come, change and go."""
        route = pick(self.stage.routes)
        who = pick(self.callers(route))
        self.ask(who, addressed(route, [self.own] * len(names(route)), self.own, pick))

    def by_a_link(self, pick: Pick[Any]) -> None:
        """Of an invitation of the other, or made of parts of both: it lets nobody in."""
        who = pick(PEOPLE)
        realms = pick([(self.other, self.other), (self.own, self.other), (self.other, self.own)])
        # Whoever has a link may read what it offers: to which Organization, who offers, to whom
        offer = realms[0].one("offer")
        still = Invitation.objects.pending().filter(pk=offer.pk, secret_hash=offer.secret_hash)
        is_good = realms[0] is realms[1] and still.exists()
        told = (offer.organization.name, str(offer.invited_by), offer.email) if is_good else ()
        self.visit(who, "invitation_link", realms, pick, "a link")
        seen = self.visit(who, "invitation", (), pick, "a link", told)
        joined = self.visit(who, "invitation_accept", (), pick, "a link", told)
        assert seen.status_code == (200 if is_good else 410), f"{who} of {self.own.mark}: {seen}"
        # 302 leads to the sign-in whoever has signed out
        refused = {302, 403 if is_good else 410}
        assert joined.status_code in refused, f"{who} of {self.own.mark}: {joined.status_code}"
        self.visit(
            who, "invitation_link", (self.own, self.other), pick, "a link"
        )  # ends what it remembers

    def by_the_own_link(self, pick: Pick[Any]) -> None:
        """Somebody joins their own Organization, where it is not done already."""
        self.visit("nobody", "invitation_link", (self.own, self.own), pick)
        self.visit("nobody", "invitation_accept", (), pick)

    def visit(
        self,
        who: str,
        name: str,
        realms: Sequence[Realm],
        pick: Pick[Any],
        swapped: str = "",
        told: Sequence[str] = (),
    ) -> HttpResponseBase:
        """One of the addresses of an invitation."""
        call = addressed(self.stage.named[f"accounts:{name}"], realms, self.own, pick)
        return self.ask(who, call, swapped, told)

    def turn(self, seed: int) -> tuple[int, Pick[Any]]:
        """Begin a call, after some the other Organization's; its own number and what it picks.

        Hypothesis likes to take the same few numbers, so the place of the call is part of it.
        """
        if self.calls >= self.turn_ends:
            self.turn_ends = self.calls + TURN
            self.hold_still()
            self.own, self.other = self.other, self.own
            self.before = self.other.ledger.digests()
        seed = seed * 1_000_003 + self.calls
        return seed, _picking(seed)

    def callers(self, route: Route) -> list[str]:
        """Who calls there: people, or tokens; to SCIM mostly the one that it lets in."""
        wanted = for_machines(route)
        found = [name for name, each in self.own.callers.items() if _is_token(each) == wanted]
        return [*found, *(["owner_token"] * 12 if is_scim(route) else [])]

    def ask(
        self, who: str, call: Call, swapped: str = "", told: Sequence[str] = ()
    ) -> HttpResponseBase:
        """Send it, and look at what came back. Who holds a link may be `told` some words."""
        self.said[self.own.mark].update(w.lower() for w in call.words() if len(w) > 3)
        note(f"{who} of {self.own.mark}: {call}")
        client = self.own.callers[who]
        is_compared = bool(swapped) and not told and self.calls % TWINS == 0
        of_twin = self.of_twin(client, call) if is_compared else None
        answer = call.send(client)
        text = _read(answer)
        self.calls += 1
        self.stage.count(call, answer, swapped)
        what = f"{who} of {self.own.mark}: {call}"
        assert answer.status_code < 500 or answer.status_code in _SAID, what
        self.hold_silent(what, answer, text, told)
        if of_twin is not None:
            mine = alike(answer, text, {})
            assert mine == of_twin, f"{what}: {difference(mine, of_twin)}"
        if call.method != "GET" and answer.status_code < 400:
            self.own.look()
        return answer

    def of_twin(self, client: Client, call: Call) -> tuple[int, str, str]:
        """What the same call with nobody's ids and words is answered; it leaves nothing behind."""
        before = transaction.savepoint()
        other = Caller()
        other.defaults = client.defaults
        other.cookies = SimpleCookie({name: each.value for name, each in client.cookies.items()})
        swapped, back = twin(call, self.other.mark)
        answer = swapped.send(other)
        found = alike(answer, _read(answer), back)
        transaction.savepoint_rollback(before)
        return found

    def hold_silent(
        self, what: str, answer: HttpResponseBase, text: str, told: Sequence[str] = ()
    ) -> None:
        shown = f"{text} {answer.headers.get('Location', '')}".lower()
        if self.other.mark not in shown and not self._ids_in(shown):
            return
        shown = unescape(unquote_plus(unquote_plus(shown)))
        said = self.said[self.own.mark] | {each.lower() for each in told}
        for word in sorted(said, key=len, reverse=True):
            shown = shown.replace(word, "")
        place = shown.find(self.other.mark)
        assert place < 0, (
            f"{what}: {answer.status_code} shows …{shown[max(0, place - 80) : place + 40]}…"
        )
        assert not self._ids_in(shown), f"{what}: {answer.status_code} shows an id"

    def _ids_in(self, shown: str) -> set[Any]:
        found = set(_ID.findall(shown))
        return found.intersection(key for keys in self.other.ids.values() for key in keys)

    def hold_still(self) -> None:
        after = self.other.ledger.digests()
        changed = [table for table, digest in after.items() if digest != self.before[table]]
        assert not changed, f"{self.own.mark} changed the other's {changed}"


def _methods_of(route: Route) -> int:
    return 4 if for_machines(route) else 1


def _is_token(client: Client) -> bool:
    return "HTTP_AUTHORIZATION" in client.defaults


def _picking(seed: int) -> Pick[Any]:
    """One number decides all of a call: how many ids there are depends on calls before it."""
    return random.Random(seed).choice  # noqa: S311


def _read(answer: Any) -> str:
    if not answer.streaming:
        return str(answer.content.decode("utf-8", "replace"))
    if answer.is_async:
        return async_to_sync(_first_of)(answer.streaming_content).decode("utf-8", "replace")
    return b"".join(answer.streaming_content).decode("utf-8", "replace")


async def _first_of(chunks: Any) -> bytes:
    """What an event stream says at once; the rest comes as long as one listens."""
    try:
        return bytes(await anext(chunks))
    finally:
        await chunks.aclose()
