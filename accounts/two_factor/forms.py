"""allauth's forms of second factors, with our rules about codes, origins and wrong attempts."""

from __future__ import annotations

from typing import Any, NoReturn

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.base.internal.flows import check_rate_limit, post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError

from accounts.attempts import note_refusal
from accounts.two_factor import codes, origins

_GARBAGE = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What the library raises for an answer that no browser made."""


def _code_field(help_text: str) -> forms.CharField:
    return forms.CharField(
        label="Code",
        max_length=40,
        help_text=help_text,
        widget=forms.TextInput(
            {
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class _CodeForm(base.BaseAuthenticateForm):  # type: ignore[misc]
    code = _code_field("Six digits of your authenticator app, or one of your recovery codes.")
    noted = ""
    """The action whose refusal a wrong code is."""

    def clean_code(self) -> str:
        forgive = check_rate_limit(self.user, error_key="too_many_codes")
        code = codes.plain(self.cleaned_data["code"])
        method = codes.accept(self.user, code)
        if method is None:
            note_refusal(context.request, self.user, self.noted, reason="wrong code")
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator = method
        forgive()
        return code


class AuthenticateForm(_CodeForm):
    noted = "accounts.sign_in"

    def save(self) -> None:
        post_authentication(context.request, self.authenticator)


class ReauthenticateForm(_CodeForm):
    noted = "accounts.confirm_identity"

    def save(self) -> None:
        post_authentication(context.request, self.authenticator, reauthenticated=True)


class ActivateForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    code = _code_field("The six digits that the app shows now.")

    def clean_code(self) -> str:
        self.cleaned_data["code"] = codes.plain(self.cleaned_data["code"])
        return str(super().clean_code())


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(
        max_length=60,
        required=False,
        help_text="What you will know it by, for example Laptop or Blue key.",
    )
    passwordless = forms.BooleanField(
        required=False,
        initial=True,
        label="Sign in with this passkey alone",
        help_text="Without e-mail and password; the device asks for its PIN, finger or face. "
        "Otherwise it is a second factor after the password.",
    )
    credential = forms.JSONField(
        widget=forms.HiddenInput,
        error_messages={"required": "The browser sent no passkey. Press the button again."},
    )
    field_order = ("name", "passwordless", "credential")

    def clean(self) -> dict[str, Any]:
        credential = self.cleaned_data.get("credential")
        if credential is None:
            return dict(self.cleaned_data)
        if not (origins.shape_is_sound(credential) and origins.is_ours(credential)):
            _refuse()
        try:
            return dict(super().clean())
        except ValidationError:
            _refuse()
        except _GARBAGE:
            _refuse()


class _PasskeyForm(webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    noted = ""

    def clean_credential(self) -> Authenticator:
        credential = self.cleaned_data["credential"]
        if not (origins.shape_is_sound(credential) and origins.is_ours(credential)):
            self._fail()
        try:
            return super().clean_credential()
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise
            self._fail()
        except _GARBAGE:
            self._fail()

    def _fail(self) -> NoReturn:
        if self.user is not None:
            note_refusal(context.request, self.user, self.noted, reason="wrong passkey")
        _refuse()


class AuthenticatePasskeyForm(_PasskeyForm):
    noted = "accounts.sign_in"


class ReauthenticatePasskeyForm(_PasskeyForm):
    noted = "accounts.confirm_identity"
    reauthenticated = True


class LoginPasskeyForm(_PasskeyForm):
    """Sign-in with a passkey alone: whose it is, the passkey says."""

    passwordless = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=None, **kwargs)


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(max_length=60)


def _refuse() -> NoReturn:
    raise get_adapter().validation_error("incorrect_passkey")
