"""A page whose session ends while it is open asks to sign in as a whole, never inside a part."""

from __future__ import annotations

from django.test import Client

from deployments.models import Deployment


def test_a_part_makes_the_page_load_anew(client: Client, etl: Deployment) -> None:
    answer = client.get(f"/deployments/{etl.pk}/header/", headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer.headers["HX-Refresh"] == "true"
    assert answer.content == b""


def test_a_page_leads_to_the_sign_in_and_back(client: Client, etl: Deployment) -> None:
    address = f"/deployments/{etl.pk}/logs/"

    answer = client.get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/accounts/login/?next={address}"
