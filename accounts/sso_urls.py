"""Addresses of sign-in by an identity provider: its doors, and the pages that set it up."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts.views.sso import doors

_DOOR = "accounts/sso/<str:key>"

urlpatterns: list[URLPattern] = [
    path(f"{_DOOR}/login/", doors.login, name="sso_login"),
    path(f"{_DOOR}/callback/", doors.callback, name="sso_callback"),
]
