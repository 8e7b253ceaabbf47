"""A person's new e-mail address: theirs once a link that went there was opened by them.

The link holds all there is to know, signed, so an address that somebody merely asked for is kept
from nobody else. It works for three days, once, and only for the person whose address it changes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from access import scopes
from access.actor import Actor
from accounts.models import User
from accounts.services import people
from accounts.services.security import person_with
from accounts.sso import enforcement
from web.errors import Conflict, DomainError, InvalidInput

LIFETIME_SECONDS = 3 * 24 * 3600
_SALT = "accounts.email"


class LinkEnded(DomainError):
    status = 410
    title = "This link has ended"


class WrongPerson(DomainError):
    status = 403
    title = "This link is for somebody else"


@dataclass(frozen=True)
class Change:
    """What a link says."""

    user_id: str
    old: str
    new: str
    former: int
    """The entry of the old address: each change makes a new one, so that no link works again."""
    is_proven: bool
    """It was mailed to the new address, so whoever has the link reads mail there."""


@transaction.atomic
def ask(user: User, *, email: str, actor: Actor) -> str:
    """Mail a link to the new address, and answer that address; nothing changes before.

    It goes out whether or not somebody else has the address: who asks does not learn that.
    Raises InvalidInput for what is no address or is the present one, and Conflict for who would
    leave the rule of their domain by it.
    """
    enforcement.require_free_to_move(user.email)
    new = _checked(user, email)
    people.note(user, "accounts.ask_email_change", after={"email": new}, actor=actor)
    context = {"user": user, "new": new, "link": _link(user, new, is_proven=True)}
    text = render_to_string("emails/email_change.txt", context)
    transaction.on_commit(
        lambda: send_mail("Confirm your new address on Astro UI", text, None, [new])
    )
    return new


@transaction.atomic
def link_for(email: str, new: str, *, actor: Actor) -> str:
    """The link, for whoever runs a console without mail. Raises as `ask`, and NotFound."""
    user = person_with(email)
    new = _checked(user, new)
    _refuse_taken(user, new)
    people.note(user, "accounts.ask_email_change", after={"email": new}, actor=actor)
    return _link(user, new, is_proven=False)


def read(token: str, user: User) -> Change:
    """What a link would change. Raises LinkEnded, or WrongPerson unless it is for `user`."""
    try:
        found = Change(**signing.loads(token, salt=_SALT, max_age=LIFETIME_SECONDS))
    except (signing.BadSignature, TypeError):
        raise _ended() from None
    if found.user_id != user.pk:
        raise WrongPerson(
            f"It changes another account than {user.email}, as which you are signed in.",
            remedy=f"Sign out, open the link again and sign in as {found.old}.",
        )
    if found.old != user.email or found.former != _entry(user):
        raise _ended()
    return found


@transaction.atomic
def confirm(token: str, user: User, *, actor: Actor) -> Change:
    """Give `user` the new address and tell the old one. Raises as `read`, Conflict if taken."""
    fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    change = read(token, fresh)
    enforcement.require_free_to_move(fresh.email)
    _refuse_taken(fresh, change.new)
    fresh.email = change.new
    try:
        with transaction.atomic():
            fresh.save(update_fields=["email", "updated_at"])
    except IntegrityError:
        raise _taken(change.new) from None
    EmailAddress.objects.filter(user=fresh).delete()
    EmailAddress.objects.create(
        user=fresh, email=change.new, primary=True, verified=change.is_proven
    )
    people.note(
        fresh,
        "accounts.change_email",
        before={"email": change.old},
        after={"email": change.new},
        actor=actor,
    )
    scopes.announce_on_commit(fresh.principal)
    if settings.HAS_MAIL:
        transaction.on_commit(lambda: _tell_old(fresh, change), robust=True)
    return change


def _tell_old(user: User, change: Change) -> None:
    text = render_to_string("emails/email_changed.txt", {"user": user, "change": change})
    send_mail("Your address on Astro UI was changed", text, None, [change.old])


def _link(user: User, new: str, *, is_proven: bool) -> str:
    said = Change(user.pk, user.email, new, _entry(user), is_proven)
    path = reverse("accounts:email_confirm", args=[signing.dumps(asdict(said), salt=_SALT)])
    return f"{settings.BASE_URL}{path}"


def _entry(user: User) -> int:
    newest = EmailAddress.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)
    return newest.first() or 0


def _checked(user: User, email: str) -> str:
    new = email.strip().lower()
    try:
        validate_email(new)
    except ValidationError:
        raise InvalidInput(
            f"{email} is no e-mail address.", fields={"email": "Enter an e-mail address"}
        ) from None
    if new == user.email:
        raise InvalidInput(
            "That is your address now.", fields={"email": "That is your address now"}
        )
    return new


def _refuse_taken(user: User, new: str) -> None:
    verified = EmailAddress.objects.filter(email=new, verified=True).exclude(user=user)
    if User.objects.filter(email=new).exclude(pk=user.pk).exists() or verified.exists():
        raise _taken(new)


def _taken(new: str) -> Conflict:
    return Conflict(
        f"Another account has the address {new}.",
        remedy="Sign in with that account, or choose another address.",
    )


def _ended() -> LinkEnded:
    return LinkEnded(
        "It was used, is older than three days, or is not whole.",
        remedy="Ask for a new link on the page of your e-mail address.",
    )
