"""A list is walked page by page: each row once, in order, both ways, whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests import factories
from web.lists import ListQuery, ListSpec
from web.pagination import Keyset, Page, cut

LIST = ListSpec(
    sorts={"name": "full_name", "seen": "last_login"},
    default_sort="name",
    search_fields=("email",),
    page_size=3,
)


def page_at(url: str) -> Page[User]:
    return ListQuery(RequestFactory().get(url), LIST).page(User.objects.all())


def emails(page: Page[User]) -> list[str]:
    return [user.email.partition("@")[0] for user in page.rows]


def walk(url: str) -> list[list[str]]:
    pages = []
    while url:
        page = page_at(url)
        pages.append(emails(page))
        url = page.next_url
    return pages


@pytest.fixture
def seven(db: None) -> list[User]:
    """Two people share a name, three have never signed in."""
    made = []
    for number, (email, name) in enumerate(
        (("a", "Ann"), ("b", "Ben"), ("c", "Ben"), ("d", "Dan"), ("e", "Eve"), ("f", "Fay"))
    ):
        user = factories.user(email)
        user.full_name = name
        user.last_login = datetime(2026, 3, 1 + number, tzinfo=UTC) if number < 4 else None
        user.save()
        made.append(user)
    last = factories.user("g")
    last.full_name = "Gus"
    last.save()
    return [*made, last]


def test_every_row_comes_once_and_in_order(seven: list[User]) -> None:
    pages = walk("/people")

    names = [email for page in pages for email in page]
    assert names[0] == "a"
    assert sorted(names[1:3]) == ["b", "c"]
    assert names[3:] == ["d", "e", "f", "g"]
    assert [len(page) for page in pages] == [3, 3, 1]


def test_the_order_can_be_turned_round(seven: list[User]) -> None:
    names = [email for page in walk("/people?sort=-name") for email in page]

    assert names[:4] == ["g", "f", "e", "d"]
    assert sorted(names[4:6]) == ["b", "c"]
    assert names[6] == "a"


@pytest.mark.parametrize(
    ("sort", "first"), [("seen", ["a", "b", "c", "d"]), ("-seen", ["d", "c", "b", "a"])]
)
def test_empty_values_stand_at_the_end_in_both_orders(
    seven: list[User], sort: str, first: list[str]
) -> None:
    names = [email for page in walk(f"/people?sort={sort}") for email in page]

    assert names[:4] == first
    assert sorted(names[4:]) == ["e", "f", "g"]


@pytest.mark.parametrize("sort", ["name", "-name", "seen", "-seen"])
def test_the_way_back_shows_the_same_pages(seven: list[User], sort: str) -> None:
    forward = walk(f"/people?sort={sort}")
    page = page_at(f"/people?sort={sort}")
    while page.next_url:
        page = page_at(page.next_url)
    back = [emails(page)]
    while page.previous_url:
        page = page_at(page.previous_url)
        back.append(emails(page))

    flat = [email for each in reversed(back) for email in each]
    assert flat == [email for each in forward for email in each]


def test_a_row_that_appears_meanwhile_neither_repeats_nor_hides_another(seven: list[User]) -> None:
    first = page_at("/people")
    factories.user("aa")  # sorts before the second page

    second = page_at(first.next_url)

    assert emails(second) == ["d", "e", "f"]


@pytest.mark.parametrize("cursor", ["x", "!!", "W10", "WzEsMl0", "é", "a" * 5000, "WyJ4IixudWxs"])
def test_a_cursor_that_cannot_be_read_is_the_first_page(seven: list[User], cursor: str) -> None:
    assert emails(page_at(f"/people?after={cursor}"))[0] == "a"


def test_a_page_is_one_query_however_deep(
    seven: list[User], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = page_at("/people")

    with django_assert_num_queries(1):
        page_at(first.next_url)


def test_links_keep_sort_and_search(seven: list[User]) -> None:
    url = page_at("/people?q=example&sort=-name").next_url

    state = parse_qs(urlsplit(url).query)
    assert state["q"] == ["example"]
    assert state["sort"] == ["-name"]
    assert "after" in state


def test_a_list_whose_values_are_never_empty_is_ordered_as_its_index_is(
    db: None,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """PostgreSQL sorts a million rows for `NULLS LAST`, also where the column has no NULL."""
    with django_assert_num_queries(1) as asked:
        cut(
            User.objects.all(),
            Keyset("id", is_descending=True),
            size=2,
            after="",
            before="",
            link="{}{}".format,
        )

    assert "NULLS" not in asked.captured_queries[0]["sql"]
