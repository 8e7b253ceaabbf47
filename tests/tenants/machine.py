"""Calls of two Organizations by turns, each with something of the other in it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from html import unescape
from typing import Any, ClassVar, TypeVar
from urllib.parse import unquote_plus

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from hypothesis import note, strategies
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.architecture.routes import Route
from tests.tenants.calls import Call, Pick, add_foreign_value, addressed, for_machines, names
from tests.tenants.realm import Realm

T = TypeVar("T")
_ID = re.compile(r"c[0-9a-z]{24}")
SEEDS = strategies.integers(0, 2**32 - 1)
TURN = 25
"""Calls of one Organization before it is the other's turn."""


class Stage:
    """What all examples share: two Organizations as they were made, and the count of calls."""

    def __init__(self, routes: Sequence[Route], realms: tuple[Realm, Realm]) -> None:
        self.realms = realms
        self.routes = {
            (is_token, least): [
                each
                for each in routes
                if for_machines(each) == is_token and len(names(each)) >= least
            ]
            for is_token in (False, True)
            for least in (0, 1, 2)
        }
        """For people or machines, by how many ids the address takes at least."""
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

    def told(self) -> str:
        """How they were swapped, and how they were answered."""
        counts = (dict(self.kinds), dict(sorted(self.statuses.items())))
        return ", ".join(f"{count} x {what}" for each in counts for what, count in each.items())

    def uncalled(self) -> set[str]:
        """Routes that no call with something of the other went to."""
        return {each.name for routes in self.routes.values() for each in routes} - set(
            +self.swapped
        )

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


class TwoOrganizations(RuleBasedStateMachine):
    """Answers hold no mark and no id of the other, and no row of the other changes."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self._block = transaction.atomic()
        self._block._from_testcase = True  # type: ignore[attr-defined]  # nothing is committed
        self._block.__enter__()
        self.stage.enter()
        self.own, self.other = self.stage.realms
        self.said: dict[str, set[str]] = {realm.mark: set() for realm in self.stage.realms}
        self.calls = 0
        self.before = self.other.ledger.digests()

    def teardown(self) -> None:
        try:
            self.hold_still()
        finally:
            transaction.set_rollback(True)
            self._block.__exit__(None, None, None)

    @rule(seed=SEEDS)
    def at_the_others_address(self, seed: int) -> None:
        """Every id is the other's: the answer that the matrix has for a stranger."""
        pick = _picking(seed)
        who, route = self.somebody(pick, with_ids=1)
        call = addressed(route, [self.other] * len(names(route)), self.own, pick)
        answer = self.ask(who, call, "all ids")
        if call.is_for_machines:
            assert answer.status_code >= 400, f"{who} of {self.own.mark}: {call}"
        else:
            assert answer.status_code == route.status_for("oscar"), f"{who}: {call}"

    @rule(seed=SEEDS)
    def with_one_id_of_the_other(self, seed: int) -> None:
        """Below one's own Organization, or one's own below the other's."""
        pick = _picking(seed)
        who, route = self.somebody(pick, with_ids=2)
        realms = [self.own] * len(names(route))
        realms[pick(range(len(realms)))] = self.other
        self.ask(who, addressed(route, realms, self.own, pick), "one id")

    @rule(seed=SEEDS)
    def with_a_word_of_the_other(self, seed: int) -> None:
        """One's own address, with the other's id, address or name in body or query."""
        pick = _picking(seed)
        who, route = self.somebody(pick)
        call = addressed(route, [self.own] * len(names(route)), self.own, pick)
        add_foreign_value(call, self.other, pick)
        self.ask(who, call, "a word")

    @rule(seed=SEEDS)
    @precondition(lambda self: self.calls % 4 == 0)
    def at_home(self, seed: int) -> None:
        """Without anything of the other: things come, change and go."""
        pick = _picking(seed)
        who, route = self.somebody(pick)
        self.ask(who, addressed(route, [self.own] * len(names(route)), self.own, pick), "")

    def somebody(self, pick: Pick[Any], *, with_ids: int = 0) -> tuple[str, Route]:
        """Who calls, and one of the addresses that are for such a caller."""
        who = pick(list(self.own.callers))
        return who, pick(self.stage.routes[_is_token(self.own.callers[who]), with_ids])

    def ask(self, who: str, call: Call, swapped: str) -> HttpResponseBase:
        """Send it, and look at what came back."""
        self.said[self.own.mark].update(w.lower() for w in call.words() if len(w) > 3)
        note(f"{who} of {self.own.mark}: {call}")
        answer = call.send(self.own.callers[who])
        self.stage.statuses[answer.status_code] += 1
        self.stage.kinds[swapped or "none"] += 1
        self.stage.swapped[call.route.name] += bool(swapped)
        assert answer.status_code < 500 or answer.status_code == 503, f"{who}: {call}"
        self.hold_silent(f"{who} of {self.own.mark}: {call}", answer)
        if call.method != "GET" and answer.status_code < 400:
            self.own.look()
        self.calls += 1
        if self.calls % TURN == 0:
            self.hold_still()
            self.own, self.other = self.other, self.own
            self.before = self.other.ledger.digests()
        return answer

    def hold_silent(self, what: str, answer: HttpResponseBase) -> None:
        shown = f"{_read(answer)} {answer.headers.get('Location', '')}".lower()
        if self.other.mark not in shown and not self._ids_in(shown):
            return
        shown = unescape(unquote_plus(unquote_plus(shown)))
        for word in sorted(self.said[self.own.mark], key=len, reverse=True):
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


def _is_token(client: Client) -> bool:
    return "HTTP_AUTHORIZATION" in client.defaults


def _picking(seed: int) -> Pick[Any]:
    """One number decides all of a call: how many ids there are depends on calls before it."""
    return random.Random(seed).choice  # noqa: S311


def _read(answer: Any) -> str:
    if not answer.streaming:
        return str(answer.content.decode("utf-8", "replace"))
    if answer.is_async:
        return ""
    return b"".join(answer.streaming_content).decode("utf-8", "replace")
