"""One view answers the page and its regions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from web.render import page

TEMPLATE = """{% load partials %}<html>
{% partialdef rows inline %}<p>rows of {{ name }}</p>{% endpartialdef %}
{% partialdef secret %}<p>undeclared</p>{% endpartialdef %}</html>"""


@pytest.fixture(autouse=True)
def _template() -> Iterator[None]:
    loader = ("django.template.loaders.locmem.Loader", {"list.html": TEMPLATE})
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("template_partials.loader.Loader", [loader])]},
    }
    with override_settings(TEMPLATES=[engine]):
        yield


def answer(**headers: str) -> HttpResponse:
    request = RequestFactory().get("/", headers=headers)
    return page(request, "list.html", {"name": "Acme"}, regions={"rows"})


def test_a_browser_gets_the_page() -> None:
    assert answer().content.startswith(b"<html>")


def test_htmx_gets_the_region_it_targets() -> None:
    assert answer(HX_Request="true", HX_Target="rows").content == b"<p>rows of Acme</p>"


def test_an_undeclared_region_gets_the_page() -> None:
    assert answer(HX_Request="true", HX_Target="secret").content.startswith(b"<html>")


def test_the_way_back_gets_the_page() -> None:
    asked = {"HX_Request": "true", "HX_Target": "rows", "HX_History_Restore_Request": "true"}

    assert answer(**asked).content.startswith(b"<html>")


def test_caches_are_told_what_the_answer_depends_on() -> None:
    response = answer()

    assert {"HX-Request", "HX-Target", "Cookie"} <= set(response["Vary"].split(", "))
    assert response["Cache-Control"] == "private, no-cache"
