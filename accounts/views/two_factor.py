"""Two-factor sign-in: allauth's steps, each written into the audit log in its own transaction."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy

from accounts.routes import PageRequest
from accounts.services import people
from accounts.two_factor import codes, methods, origins
from web import navigation, render
from web.navigation import Crumb

_NEEDS_TLS = (
    "Browsers offer passkeys only where the console has a name and https. "
    "Whoever runs it sets ASTRO_UI_BASE_URL."
)


def index(request: PageRequest) -> HttpResponse:
    """What guards this account besides its password."""
    navigation.enter(request, scope="", crumbs=[Crumb("Two-factor sign-in", request.path)])
    refused = "" if origins.is_possible() else _NEEDS_TLS
    context = {"methods": methods.of(request.user), "passkeys_refused": refused}
    return render.page(request, "mfa/index.html", context)


def passkey_context() -> dict[str, Any]:
    """What a page with a passkey button needs: whether there are any here, and where they work."""
    return {"passkeys_possible": origins.is_possible(), "base_url": settings.BASE_URL}


def passkeys(request: PageRequest) -> HttpResponse:
    """allauth's list of passkeys stands on the page of all methods here."""
    return redirect("mfa_index")


class _Noted:
    """Lets allauth act and writes it down: both or neither."""

    request: PageRequest
    noted = ""
    title = ""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            before = self.shown()
            answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            self.settle(form)
            people.note(
                self.request.user,
                self.noted,
                before=before,
                after=self.told(form),
                actor=self.request.actor,
            )
        return answer

    def shown(self) -> dict[str, Any]:
        """What it is before, for those that change something."""
        return {}

    def told(self, form: Any) -> dict[str, Any]:
        """What is said of it afterwards."""
        return {"two_factor": methods.of(self.request.user).summary}

    def settle(self, form: Any) -> None:
        """What is left to do in the same transaction."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        _enter(self.request, self.title)
        return context | {"methods": methods.of(self.request.user), **passkey_context()}


class _Activate(_Noted, ActivateTOTPView):  # type: ignore[misc]
    noted = "accounts.add_authenticator_app"
    title = "Authenticator app"

    def settle(self, form: Any) -> None:
        """The code that proved the app is spent: nobody signs in with it once more."""
        app = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        codes.spend(app, form.cleaned_data["code"])


class _Deactivate(_Noted, DeactivateTOTPView):  # type: ignore[misc]
    noted = "accounts.remove_authenticator_app"
    title = "Remove authenticator app"


class _AddPasskey(_Noted, AddWebAuthnView):  # type: ignore[misc]
    noted = "accounts.add_passkey"
    title = "Add a passkey"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """allauth draws its form anew and forgets what was wrong with the one that came."""
        return super().get_context_data(**kwargs) | kwargs

    def told(self, form: Any) -> dict[str, Any]:
        return super().told(form) | {"passkey": form.cleaned_data["name"]}


class _RenamePasskey(_Noted, EditWebAuthnView):  # type: ignore[misc]
    noted = "accounts.rename_passkey"
    title = "Rename passkey"
    success_url = reverse_lazy("mfa_index")

    def shown(self) -> dict[str, Any]:
        return {"passkey": str(self.get_object())}

    def told(self, form: Any) -> dict[str, Any]:
        return {"passkey": form.cleaned_data["name"]}


class _RemovePasskey(_Noted, RemoveWebAuthnView):  # type: ignore[misc]
    noted = "accounts.remove_passkey"
    title = "Remove passkey"
    success_url = reverse_lazy("mfa_index")

    def shown(self) -> dict[str, Any]:
        return {"passkey": str(self.get_object())}


class _ShowCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        _enter(self.request, "Recovery codes")
        return context


class _MakeCodes(_Noted, GenerateRecoveryCodesView):  # type: ignore[misc]
    noted = "accounts.make_recovery_codes"
    title = "New recovery codes"


class _SecondFactor(AuthenticateView):  # type: ignore[misc]
    """The step after the password."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        found = methods.of(self.stage.login.user)
        return context | passkey_context() | {"methods": found}


class _ConfirmByPasskey(ReauthenticateWebAuthnView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | passkey_context() | kwargs

    def form_invalid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return answer


def _enter(request: PageRequest, title: str) -> None:
    above = Crumb("Two-factor sign-in", reverse("mfa_index"))
    navigation.enter(request, scope="", crumbs=[above, Crumb(title, request.path)])


def _guarded(view: type) -> Any:
    """For people who just proved again that they are who they are."""
    return reauthentication_required(app="allauth.mfa")(view.as_view())  # type: ignore[attr-defined]


second_factor = _SecondFactor.as_view()
confirm_by_passkey = _ConfirmByPasskey.as_view()
activate = _guarded(_Activate)
deactivate = _Deactivate.as_view()  # asks who one is by itself, once there is an app
add_passkey = _guarded(_AddPasskey)
rename_passkey = _guarded(_RenamePasskey)
remove_passkey = _guarded(_RemovePasskey)
show_codes = _ShowCodes.as_view()
make_codes = _guarded(_MakeCodes)
