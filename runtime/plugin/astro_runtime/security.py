"""Airflow 2: each request must carry the console's identity, and its role counts at once.

Flask-AppBuilder keeps people in its own tables and would change roles at the next sign-in only.
"""

from __future__ import annotations

from typing import Any

import jwt
from airflow.providers.fab.auth_manager.security_manager.override import (
    FabAirflowSecurityManagerOverride,
)
from flask import current_app, redirect, request, session
from flask_appbuilder.security.views import AuthOAuthView
from flask_appbuilder.views import expose
from flask_login import current_user, logout_user
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import ServiceUnavailable

from astro_runtime import footer, made_roles
from astro_runtime.identity import Identity, verify_header

PROVIDER = "console"
OPEN_PATHS = frozenset({"/health", "/api/v1/health"})
_TRIES = 5
API_PATHS = ("/api/v1/", "/auth/fab/v1/")


class ConsoleSignInView(AuthOAuthView):
    """Goes to the console at once instead of showing a page with one button."""

    @expose("/login/")
    @expose("/login/<provider>")
    def login(self, provider: str | None = None) -> Any:
        return super().login(provider or PROVIDER)


class AstroSecurityManager(FabAirflowSecurityManagerOverride):
    authoauthview = ConsoleSignInView

    def __init__(self, appbuilder: Any) -> None:
        super().__init__(appbuilder)
        app = appbuilder.get_app
        # First of all: Airflow's own hooks already ask what the person may do
        app.before_request_funcs.setdefault(None, []).insert(0, self.check_request)
        footer.install(app)

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        claims = resp.get("userinfo") or self.oauth_remotes[provider].userinfo()
        first, _, last = str(claims.get("name", "")).partition(" ")
        self._free_address(str(claims["sub"]), claims.get("email", ""))
        return {
            "username": str(claims["sub"]),
            "email": claims.get("email", ""),
            "first_name": claims.get("given_name", first),
            "last_name": claims.get("family_name", last),
        }

    def check_request(self) -> Any:
        """Refuse without identity, end a session of somebody else, follow a change of role."""
        if request.path in OPEN_PATHS:
            return None
        try:
            person = verify_header(request.headers.get("Authorization", ""))
        except jwt.InvalidTokenError:
            _sign_out()
            return current_app.response_class("Open this Airflow from the console.", status=401)
        if request.path.startswith(API_PATHS):
            # Machines have no session, and a browser's must not outrank the identity
            current_app.login_manager._update_request_context_with_user(self.user_for(person))
            return None
        if current_user.is_anonymous:
            return None
        if not _is_same(current_user, person):
            _sign_out()
            return redirect(self.appbuilder.get_url_for_login)
        self.follow_rights(current_user, person)
        return None

    def user_for(self, person: Identity) -> Any:
        """Find or register the person, with the rights that the identity brings."""
        user = self.find_user(username=person.subject) or self._register(person)
        self.follow_rights(user, person)
        return user

    def follow_rights(self, user: Any, person: Identity) -> None:
        """Give the user the Airflow role and, beyond it, exactly what the person may do.

        Requests of one moment may do the same, or remove a made role that another one just took:
        whoever comes second begins anew.
        """
        for _ in range(_TRIES):
            try:
                return self._follow(user, person)
            except (IntegrityError, StaleDataError):
                self.get_session.rollback()
        raise ServiceUnavailable("Your rights are changing at this moment. Try again.")

    def _follow(self, user: Any, person: Identity) -> None:
        beyond = made_roles.beyond(person.role, person.permissions)
        stock = {person.role} - {"Custom"}
        if {role.name for role in user.roles} == stock | made_roles.names(beyond):
            return
        former = list(user.roles)
        user.roles = [self.find_role(name) for name in stock]
        user.roles += [made_roles.find_or_make(self, beyond)] if beyond else []
        user._perms = None
        self.get_session.commit()
        made_roles.remove_unused(self, former)

    def _register(self, person: Identity) -> Any:
        first, _, last = person.name.partition(" ")
        self._free_address(person.subject, person.email)
        user = self.add_user(
            username=person.subject,
            first_name=first,
            last_name=last,
            email=person.email or f"{person.subject}@console.invalid",
            role=self.get_public_role(),
        )
        # Two first requests at once: one of them finds what the other has written
        return user or self.find_user(username=person.subject)

    def _free_address(self, subject: str, email: str) -> None:
        """Airflow 2 gives an address to one user; who had it before at the console lets it go."""
        former = self.find_user(email=email) if email else None
        if former is not None and former.username != subject:
            former.email = f"{former.username}@console.invalid"
            self.get_session.commit()


def _is_same(user: Any, person: Identity) -> bool:
    """By the console's id alone: an address may be somebody else's by now."""
    return bool(user.username == person.subject)


def _sign_out() -> None:
    if current_user.is_authenticated:
        logout_user()
    session.clear()
