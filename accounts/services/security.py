"""What guards an account: its sessions, its second factors, and help when those are lost."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from access import scopes
from access.actor import Actor
from accounts import devices
from accounts.models import User
from accounts.services import people
from web.errors import Conflict, NotFound


@transaction.atomic
def end_session(user: User, session_id: int, *, keep: str, actor: Actor) -> str:
    """Sign one other browser out, and say which; its pages and Airflow tabs die within a second.

    `keep` is the session key of the browser that asks. Raises NotFound for a session that has
    ended or is somebody else's, Conflict for the one that asks.
    """
    found = UserSession.objects.select_for_update().filter(user=user, pk=session_id).first()
    if found is None:
        raise NotFound("This session has ended already.")
    if found.session_key == keep:
        raise Conflict("This is the session that you are using.", remedy="Sign out instead.")
    people.note(user, "accounts.end_session", after=_shown(found), actor=actor)
    _end([found], user)
    return devices.name(found.user_agent)


@transaction.atomic
def end_other_sessions(user: User, *, keep: str, actor: Actor) -> int:
    """Sign out every browser but the one whose session key is `keep`; answers how many."""
    others = list(
        UserSession.objects.select_for_update().filter(user=user).exclude(session_key=keep)
    )
    if others:
        after = {"ended": [f"{_shown(each)['browser']}, {each.ip}" for each in others]}
        people.note(user, "accounts.end_other_sessions", after=after, actor=actor)
        _end(others, user)
    return len(others)


@transaction.atomic
def reset_two_factor(email: str, *, actor: Actor) -> int:
    """Take all second factors off somebody who lost them, and end all their sessions.

    Answers how many there were. The password stays, and is asked for at the next sign-in. Raises
    NotFound for an unknown address, Conflict where there is no second factor.
    """
    user = person_with(email)
    methods = Authenticator.objects.select_for_update().filter(user=user)
    names = [str(each) for each in methods]
    if not names:
        raise Conflict(f"{user.email} has no two-factor sign-in.")
    methods.delete()
    after = {"email": user.email, "removed": names}
    people.note(user, "accounts.reset_two_factor", after=after, actor=actor)
    _end(UserSession.objects.filter(user=user), user)
    return len(names)


def person_with(email: str) -> User:
    """Raises NotFound when nobody has this address, in whatever letter case."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise NotFound(
            f"Nobody has the e-mail address {email}.",
            remedy="List the addresses with: ./console user list",
        )
    return user


def _end(sessions: Iterable[UserSession], user: User) -> None:
    for each in sessions:
        each.end()
    scopes.announce_on_commit(user.principal)


def _shown(session: UserSession) -> dict[str, str]:
    return {"browser": devices.name(session.user_agent), "address": session.ip}
