"""How allauth signs people up and in here: thin, the rules stand in services."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any, ClassVar, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from access import scopes
from accounts.attempts import note_refusal
from accounts.middleware import origin, person
from accounts.models import Invitation, User
from accounts.services import invitations, people, sign_up
from accounts.sso import enforcement, gate
from accounts.sso.enforcement import Login
from accounts.two_factor import methods
from web import client_address
from web.errors import DomainError

logger = logging.getLogger(__name__)


class MailUnavailable(DomainError):
    status = 503
    title = "No message went out"


class ConsoleAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This email address and password do not belong together.",
        "too_many_login_attempts": "Too many wrong passwords. Sign-in is locked for five minutes; "
        "then try again, or reset the password.",
        "too_many_codes": "Too many wrong codes. No code counts for five minutes; then try again.",
        "rate_limited": "Too many wrong codes. No code counts for five minutes; then try again.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """For limits on tries and for the list of sessions: not from headers, as allauth might."""
        address = client_address.of(request)
        if not address:
            raise PermissionDenied("The client's address is not known.")
        return address

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Invited people sign up, and others as far as the installation's policy says."""
        return invited(request) is not None or sign_up.is_open()

    def clean_email(self, email: str) -> str:
        """An invited person signs up with exactly the invited address, others as `sign_up` says."""
        cleaned = str(super().clean_email(email)).strip().lower()
        if self.request is None or not self.request.path.startswith(reverse("account_signup")):
            return cleaned
        offer = invited(self.request)
        if offer and offer.email.lower() != cleaned:
            raise ValidationError(f"The invitation is for {offer.email}.")
        if rule := enforcement.forbids(cleaned, Login.PASSWORD):
            raise ValidationError(str(enforcement.refusal_of(rule)))
        if not offer and not sign_up.is_allowed(cleaned):
            raise ValidationError("This address cannot sign up here without an invitation.")
        return cleaned

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - allauth's own
        """The last gate before there is an account, whichever form led to it."""
        if invited(request) is None:
            sign_up.require_allowed(form.cleaned_data["email"])
            user.is_newcomer = True
        return cast("User", super().save_user(request, user, form, commit))

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Whichever way somebody came: their domain may leave others only."""
        answer = super().pre_login(request, user, **kwargs)
        return cast("HttpResponse | None", answer) or gate.bar(request, user)

    def post_login(
        self, request: HttpRequest, user: User, *, signup: bool, **kwargs: Any
    ) -> HttpResponse:
        """Note the sign-in; who signed up by invitation has joined with that, others settle."""
        actor = person(user, origin(request, door="page"))
        offer = invited(request)
        if signup and offer and offer.email.lower() == user.email.lower():
            invitations.accept(offer, user, actor=actor)
            request.session.pop("invitation", None)
        if offer is None:
            sign_up.settle_newcomer(user, actor=actor)
        gate.spend_bypass(request, user)
        by = methods.proofs(get_authentication_records(request, user))
        people.note_sign_in(user, by=by, actor=actor)
        return cast("HttpResponse", super().post_login(request, user, signup=signup, **kwargs))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password is written down where the person belongs; whose it is, stays unsaid."""
        email = str(credentials.get("email") or "").strip().lower()
        user = User.objects.filter(email=email).first()
        if user is not None:
            note_refusal(request, user, "accounts.sign_in", reason="wrong password")

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Every other session of theirs ends with it, and the change is written down.

        Raises WayRefused where their domain has no passwords.
        """
        enforcement.require_password(user.email)
        super().set_password(user, password)
        request = context.request
        people.note(
            user, "accounts.change_password", actor=person(user, origin(request, door="page"))
        )
        scopes.announce_on_commit(user.principal)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """What it tells of has happened: a mail server that is down does not undo it."""
        with suppress(MailUnavailable):
            super().send_notification_mail(*args, **kwargs)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has a second factor confirms with it: a password that leaked takes nothing off."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        second = [each for each in ways if each["id"] != "reauthenticate"]
        return sorted(second, key=lambda each: each["id"] == "mfa_reauthenticate") or ways

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Back to an open invitation, if the person came from one."""
        return reverse("accounts:invitation") if invited(request) else settings.LOGIN_REDIRECT_URL

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing without a mail server: a link printed to a log would be a secret in a log."""
        if not settings.HAS_MAIL:
            return
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # SMTPException is one
            logger.exception("A message to the mail server was not taken")
            raise MailUnavailable(
                "The mail server does not take messages now.",
                remedy="Try again in a few minutes. Whoever runs this console can make a link "
                "meanwhile: ./console user reset-link.",
            ) from error


def invited(request: HttpRequest) -> Invitation | None:
    """The open invitation whose link this session came by."""
    chosen = request.session.get("invitation", "")
    return Invitation.objects.pending().filter(pk=chosen).first() if chosen else None
