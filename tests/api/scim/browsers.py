"""A browser that a person had open before their provider decided."""

from __future__ import annotations

from django.test import Client

from accounts.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.get("/profile/")
    return client
