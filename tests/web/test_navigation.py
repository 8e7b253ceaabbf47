"""The frame is what the rooms contribute to the place a view names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from web import navigation
from web.navigation import Crumb, Entry, Frame, Tray


@pytest.fixture
def request_there(monkeypatch: pytest.MonkeyPatch) -> HttpRequest:
    monkeypatch.setattr(navigation, "_contributions", {})
    monkeypatch.setattr(navigation, "_completions", [])
    return RequestFactory().get("/acme/deployments/new")


def test_entries_come_in_order_and_the_deepest_address_is_current(
    request_there: HttpRequest,
) -> None:
    @navigation.contributes("organization", order=20)
    def _later(request: HttpRequest, subject: Any) -> Iterator[Entry]:
        yield Entry("Deployments", f"/{subject}/deployments")

    @navigation.contributes("organization", order=10)
    def _first(request: HttpRequest, subject: Any) -> Iterator[Entry]:
        yield Entry("Home", f"/{subject}")

    @navigation.contributes("workspace", order=1)
    def _elsewhere(request: HttpRequest, subject: Any) -> Iterator[Entry]:
        yield Entry("Members", "/members")

    navigation.enter(request_there, scope="organization", subject="acme", crumbs=[Crumb("A", "/")])

    built = navigation.frame(request_there)

    assert [(entry.label, entry.is_current) for entry in built.entries] == [
        ("Home", False),
        ("Deployments", True),
    ]
    assert [crumb.label for crumb in built.crumbs] == ["A"]


def test_an_address_that_only_begins_alike_is_not_current(request_there: HttpRequest) -> None:
    @navigation.contributes("organization", order=1)
    def _rooms(request: HttpRequest, subject: Any) -> Iterator[Entry]:
        yield Entry("Deploy", "/acme/deploy")

    navigation.enter(request_there, scope="organization")

    assert not navigation.frame(request_there).entries[0].is_current


def test_rooms_complete_every_frame(request_there: HttpRequest) -> None:
    @navigation.completes
    def _tray(request: HttpRequest, frame: Frame) -> Frame:
        return replace(frame, tray=Tray("/operations", running=2))

    assert navigation.frame(request_there).tray == Tray("/operations", running=2)
