"""The address of a list holds its whole state, and nothing in it can break the page."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from accounts.models import User
from tests import factories
from web.lists import Filter, ListQuery, ListSpec

LIST = ListSpec(
    sorts={"name": "full_name", "email": "email"},
    default_sort="name",
    search_fields=("full_name", "email"),
    filters=(Filter("status", "Status", {"ACTIVE": "Active", "PENDING": "Pending"}),),
)


def query(address: str) -> ListQuery:
    return ListQuery(RequestFactory().get(address), LIST)


def test_unknown_sorts_and_filter_values_are_ignored() -> None:
    asked = query("/people?sort=password&status=ACTIVE&status=nonsense&after=")

    assert asked.sort == "name"
    assert asked.chosen == {"status": ["ACTIVE"]}


def test_each_active_filter_is_a_chip_with_the_address_without_it() -> None:
    asked = query("/people?q=wa&status=ACTIVE&status=PENDING")

    assert [(chip.label, chip.value, chip.remove_url) for chip in asked.chips] == [
        ("Status", "Active", "/people?q=wa&status=PENDING"),
        ("Status", "Pending", "/people?q=wa&status=ACTIVE"),
    ]


def test_clear_drops_search_and_filters_but_not_the_order() -> None:
    assert query("/people?q=wa&status=ACTIVE&sort=-email").clear_url == "/people?sort=-email"


def test_a_header_sorts_upwards_then_downwards() -> None:
    assert query("/people").sorting("email").url == "/people?sort=email"
    assert query("/people?sort=email").sorting("email").url == "/people?sort=-email"
    assert query("/people?sort=-email").sorting("email").url == "/people?sort=email"
    assert query("/people?sort=-email").sorting("email").aria == "descending"
    assert query("/people").sorting("email").aria == "none"


def test_the_default_order_is_not_written_into_the_address() -> None:
    assert query("/people?sort=-name").sorting("name").url == "/people"


def test_changing_the_list_leads_back_to_the_first_page() -> None:
    assert "after" not in query("/people?after=abc&q=x").sorting("email").url


def test_only_a_narrowed_list_can_say_that_nothing_matches() -> None:
    assert query("/people?q=x").is_narrowed
    assert query("/people?status=ACTIVE").is_narrowed
    assert not query("/people?sort=email&q=+").is_narrowed


@pytest.mark.django_db
def test_every_word_of_a_search_must_be_found_somewhere() -> None:
    factories.user("wanda")
    factories.user("wilma")

    found = query("/people?q=example+WAN").narrow(User.objects.all())

    assert [user.email for user in found] == ["wanda@example.com"]


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["%00", "%25", "_", "'", "\\", "x" * 5000])
def test_no_search_breaks_the_page(words: str) -> None:
    assert query(f"/people?q={words}").page(User.objects.all()).rows is not None
