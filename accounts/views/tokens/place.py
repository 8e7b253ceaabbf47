"""What the pages of API tokens need to know of the scope that they stand in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from access.actor import Actor
from access.permissions import Permission
from access.policy import refusal, require
from access.scopes import ScopeKind
from accounts.models import ApiToken, Organization
from accounts.routes import PageRequest
from accounts.services.token_homes import Home
from web import render
from web.errors import NotFound
from web.navigation import Crumb

MOST_CHOICES = 200


@dataclass(frozen=True)
class Deeds:
    """The actions of a scope; those without the last two have nothing wider above them."""

    create: Callable[..., ApiToken]
    update: Callable[..., ApiToken]
    rotate: Callable[..., ApiToken]
    delete: Callable[..., ApiToken]
    attach: Callable[..., Any] | None = None
    detach: Callable[..., Any] | None = None
    attachable: Callable[[Any, Actor], QuerySet[ApiToken]] | None = None


@dataclass(frozen=True)
class TokenPlace:
    """One scope with its pages of API tokens."""

    home: Home[Any]
    namespace: str
    """Of its routes."""
    find: Callable[[Actor, str], Any]
    """The subject by its id. Raises NotFound."""
    enter: Callable[..., dict[str, Any]]
    """Says where the page is, from request, subject and further crumbs; answers its context."""
    deeds: Deeds
    layout: str = "tokens/layout.html"
    within: Callable[[Actor, Organization], Iterable[tuple[str, str]]] = lambda _actor, _of: ()
    """Ids and names of what a token of the Organization may be attached to here."""
    usual_role: str = ""
    """Chosen to begin with; empty: the weakest."""
    recipe: Callable[[Any, str], str] = lambda _subject, _value: ""
    """What a value is used with, for people to copy."""

    def permission(self, verb: str) -> Permission:
        return Permission(f"{self.home.kind}.apiTokens.{verb}")

    def url(self, name: str, *args: str) -> str:
        return reverse(f"{self.namespace}:{name}", args=args)

    def enter_list(self, request: PageRequest, subject_id: str, verb: str = "get") -> Any:
        """The subject, for somebody who holds that right on it and may see its tokens."""
        subject = self.find(request.actor, subject_id)
        require(request.actor, self.permission("get"), subject)
        require(request.actor, self.permission(verb), subject)
        return subject

    def held(self, subject: Any, token_id: str) -> Any:
        """The binding of a token on the subject. Raises NotFound, for other subjects' too."""
        binding = self.home.held(subject).filter(api_token_id=token_id).first()
        if binding is None:
            raise NotFound("This API token was deleted, or never belonged here.")
        return binding

    def is_home_of(self, token: ApiToken) -> bool:
        return token.kind == self.home.kind.value.upper()

    def refusals(self, actor: Actor, subject: Any) -> dict[str, str]:
        """Why buttons are disabled, by the verb of their right."""
        verbs = ("create", "update", "rotate", "delete")
        return {verb: refusal(actor, self.permission(verb), subject) for verb in verbs}

    def page(
        self,
        request: PageRequest,
        subject: Any,
        template: str,
        context: dict[str, Any],
        *crumbs: Crumb,
        status: int = 200,
        regions: tuple[str, ...] = (),
    ) -> HttpResponse:
        """A page of the tokens of `subject`, in the frame of its scope."""
        listed = Crumb("API tokens", self.url("tokens", subject.pk))
        frame = self.enter(request, subject, listed, *crumbs)
        shown = {
            "place": self,
            "layout": self.layout,
            "subject": subject,
            "list_url": listed.url,
            "kind": self.home.kind.value.title(),
            "refusals": self.refusals(request.actor, subject),
        }
        named = f"tokens/{template}.html"
        whole = frame | shown | context
        return render.page(request, named, whole, status=status, regions=regions)


places: dict[ScopeKind, TokenPlace] = {}


def register(place: TokenPlace) -> TokenPlace:
    """Let the pages of other scopes lead here, once this place's routes are known."""
    places[place.home.kind] = place
    return place
