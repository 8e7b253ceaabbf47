"""Addresses of one's own account; those of allauth that lie beneath are taken over from it."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts.routes import gesture, page
from accounts.views import email, sessions, two_factor

urlpatterns: list[URLPattern] = [
    page("accounts/email/", email.email, "email"),
    page("accounts/email/confirm/<str:token>/", email.confirm, "email_confirm"),
    page("accounts/sessions/", sessions.sessions, "sessions"),
    gesture("accounts/sessions/end/", sessions.end_others, "sessions_end"),
    gesture("accounts/sessions/<int:session_id>/end/", sessions.end, "session_end"),
    path("accounts/2fa/authenticate/", two_factor.second_factor, name="second_factor"),
    page("accounts/2fa/webauthn/reauthenticate/", two_factor.confirm_by_passkey, "passkey_confirm"),
    page("accounts/2fa/", two_factor.index, "two_factor"),
    page("accounts/2fa/totp/activate/", two_factor.activate, "app_add"),
    page("accounts/2fa/totp/deactivate/", two_factor.deactivate, "app_remove"),
    page("accounts/2fa/recovery-codes/", two_factor.show_codes, "codes"),
    page("accounts/2fa/recovery-codes/generate/", two_factor.make_codes, "codes_make"),
    page("accounts/2fa/webauthn/", two_factor.passkeys, "passkeys"),
    page("accounts/2fa/webauthn/add/", two_factor.add_passkey, "passkey_add"),
    page("accounts/2fa/webauthn/keys/<int:pk>/edit/", two_factor.rename_passkey, "passkey_rename"),
    page(
        "accounts/2fa/webauthn/keys/<int:pk>/remove/", two_factor.remove_passkey, "passkey_remove"
    ),
]
