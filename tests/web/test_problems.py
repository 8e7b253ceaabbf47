"""An error says what happened, why and what to do, in the asker's form, with an id to quote."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from web import problems, views
from web.errors import Conflict, DomainError, NotFound
from web.middleware import DomainErrorMiddleware, RequestIdMiddleware


def refuse(error: Exception, **headers: str) -> HttpResponse:
    request = RequestFactory().get("/", headers=headers)
    request.request_id = "5ad1c0ffee"  # type: ignore[attr-defined]
    middleware = DomainErrorMiddleware(lambda _: HttpResponse())
    answer = middleware.process_exception(request, error)
    assert answer is not None
    return answer


STALE = Conflict("prod-etl is being deleted.", remedy="Restore it from the trash.")


def test_a_domain_error_becomes_a_page() -> None:
    response = refuse(STALE)

    text = response.content.decode()
    assert response.status_code == 409
    for part in (
        STALE.title,
        "prod-etl is being deleted.",
        "Restore it from the trash.",
        "5ad1c0ffee",
    ):
        assert part in text


def test_htmx_gets_it_as_a_toast_wherever_it_aimed() -> None:
    response = refuse(STALE, HX_Request="true", HX_Target="rows")

    assert response.status_code == 409
    assert response["HX-Retarget"] == "#toasts"
    assert response["HX-Reswap"] == "beforeend"
    assert "<html" not in response.content.decode()
    assert "Restore it from the trash." in response.content.decode()


def test_a_program_gets_it_as_json() -> None:
    response = refuse(STALE, Accept="application/json")

    body = json.loads(response.content)
    assert set(body) == {"message", "requestId", "statusCode"}
    assert body["requestId"] == "5ad1c0ffee"
    assert body["statusCode"] == 409
    assert "prod-etl is being deleted." in body["message"]


def test_what_the_author_of_an_error_typed_is_escaped() -> None:
    text = refuse(NotFound("<script>alert(1)</script>")).content.decode()

    assert "<script>alert" not in text


def test_an_error_without_remedy_still_says_what_to_do() -> None:
    assert problems.PROBLEMS[404].remedy in refuse(NotFound("No such DAG.")).content.decode()


@pytest.mark.parametrize(
    ("error", "status"), [(RequestDataTooBig(), 413), (OperationalError("gone"), 503)]
)
def test_known_failures_have_their_own_page(error: Exception, status: int) -> None:
    assert refuse(error).status_code == status


def test_other_errors_are_left_to_the_last_handler() -> None:
    middleware = DomainErrorMiddleware(lambda _: HttpResponse())

    assert middleware.process_exception(HttpRequest(), ValueError()) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 429, 500, 502, 503])
def test_each_error_page_stands_without_a_database(status: int) -> None:
    response = problems.response(RequestFactory().get("/"), problems.PROBLEMS[status])

    assert response.status_code == status
    assert problems.PROBLEMS[status].title in response.content.decode()


@pytest.mark.django_db
def test_an_unknown_address_gets_our_page_with_the_request_id(client: Client) -> None:
    response = client.get("/there-is-nothing-here")

    assert response.status_code == 404
    assert response["X-Request-Id"] in response.content.decode()


def test_a_callers_own_request_id_is_not_taken_over() -> None:
    middleware = RequestIdMiddleware(lambda _: HttpResponse())
    request = RequestFactory().get("/", headers={"X-Request-Id": "forged\nline"})

    response = middleware(request)

    assert isinstance(response, HttpResponse)
    assert len(response["X-Request-Id"]) == 16
    assert "forged" not in response["X-Request-Id"]


def test_every_domain_error_has_words_for_its_status() -> None:
    assert all(error.status in problems.PROBLEMS for error in DomainError.__subclasses__())


def test_where_its_page_cannot_be_drawn_a_server_error_is_said_in_plain_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> HttpResponse:
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(problems, "response", fail)
    answer = views.server_error(RequestFactory().get("/"))

    assert (answer.status_code, answer["Content-Type"]) == (500, "text/plain")
    assert problems.PROBLEMS[500].remedy in answer.content.decode()
