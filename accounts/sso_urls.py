"""Addresses of sign-in by an identity provider: its doors, and the pages that set it up."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts.routes import gesture, page
from accounts.views.sso import bypasses, connections, domains, doors, overview, saml, sign_in

_DOOR = "accounts/sso/<str:key>"
_PAGES = "organizations/<str:organization_id>/sso"
_CONNECTION = f"{_PAGES}/connections/<str:connection_id>"
_DOMAIN = f"{_PAGES}/domains/<str:domain_id>"

urlpatterns: list[URLPattern] = [
    path("accounts/login/", sign_in.sign_in, name="sign_in"),
    path("accounts/logout/", sign_in.sign_out, name="sign_out"),
    path(f"{_DOOR}/login/", doors.login, name="sso_login"),
    path(f"{_DOOR}/callback/", doors.callback, name="sso_callback"),
    path(
        "accounts/sso-bypass/<str:bypass_id>/<str:secret>/", bypasses.follow, name="sso_bypass_open"
    ),
    page(f"{_PAGES}/", overview.overview, "sso"),
    page(f"{_PAGES}/bypass/", overview.bypass, "sso_bypass"),
    page(f"{_PAGES}/new/<str:kind>/", connections.new, "sso_new"),
    page(f"{_CONNECTION}/", connections.connection, "sso_connection"),
    page(f"{_CONNECTION}/edit/", connections.edit, "sso_edit"),
    page(f"{_CONNECTION}/test/", connections.test, "sso_test"),
    gesture(f"{_CONNECTION}/test/start/", connections.start_test, "sso_test_start"),
    gesture(f"{_CONNECTION}/activate/", connections.activate, "sso_activate"),
    gesture(f"{_CONNECTION}/turn-off/", connections.turn_off, "sso_turn_off"),
    gesture(f"{_CONNECTION}/refresh/", connections.refresh, "sso_refresh"),
    page(f"{_CONNECTION}/delete/", connections.delete, "sso_delete"),
    page(f"{_DOMAIN}/", domains.domain, "sso_domain"),
    gesture(f"{_DOMAIN}/check/", domains.check, "sso_domain_check"),
    page(f"{_DOMAIN}/remove/", domains.remove, "sso_domain_remove"),
    path(f"{_DOOR}/metadata/", saml.metadata, name="sso_metadata"),
    path(f"{_DOOR}/acs/", saml.acs, name="sso_acs"),
    path(f"{_DOOR}/arrived/", saml.arrived, name="sso_arrived"),
    path(f"{_DOOR}/sls/", saml.sls, name="sso_sls"),
]
