"""Where API tokens belong, and what can be done to them there: the same at every scope.

Each scope names its `Home` and wraps these gestures into actions of its own rights. A token holds
a role at its home, and perhaps others where it was attached; each is a binding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from django.db.models import Model, QuerySet
from django.utils import timezone

from access.actor import Actor
from access.policy import require_within
from access.scopes import ScopeKind, announce_on_commit
from accounts.holdings import auditable
from accounts.models import ApiToken, Organization, RoleBinding
from accounts.services import token_addresses, tokens
from accounts.services.token_rules import granted, require_unchanged
from audit.record import record, snapshot
from web.errors import Conflict, InvalidInput, NotFound

S = TypeVar("S", bound=Model)
_WIDEST_FIRST = list(ScopeKind)
_SENT_TWICE = timedelta(minutes=1)


class Wanted(TypedDict, total=False):
    """A new token as somebody wants it."""

    name: str
    description: str
    lifetime: timedelta | None
    address_ranges: Sequence[str]
    form_key: str
    """Of the form that asks for it; one form makes one token."""


class Change(TypedDict):
    """A token as it shall become."""

    name: str
    role: str
    description: str
    address_ranges: Sequence[str]
    loaded: str
    """The fingerprint of what the asker saw; empty: whatever it is now."""


@dataclass(frozen=True)
class Home(Generic[S]):
    """One scope whose objects have tokens."""

    kind: ScopeKind
    bindings: type[RoleBinding]
    organization: Callable[[S], Organization]
    claims: Callable[[S], tuple[str, ...]]
    """What the JWT says of where it belongs."""

    def held(self, subject: S) -> QuerySet[Any]:
        """The bindings of tokens on `subject`, of its own and attached ones."""
        mine = {self.kind.value: subject, "api_token__revoked_at": None}
        rows = self.bindings._default_manager.filter(api_token__isnull=False, **mine)
        return rows.select_related(
            "api_token__created_by", "api_token__organization", "custom_role", self.kind
        )

    def create(self, subject: S, role: str, actor: Actor, **wanted: Unpack[Wanted]) -> ApiToken:
        """Make a token with one role on `subject`. Raises InvalidInput, ExceedsOwnRights.

        A form that is sent a second time within a minute makes no second token: that one gets a
        new value, since nobody can have seen the first. Later it raises Conflict.
        """
        given = granted(actor, role, subject)  # type: ignore[arg-type]
        organization = self.organization(subject)
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        if made := _made_before(wanted.get("form_key", ""), subject.pk, actor):
            return tokens.rotate(made, claims=self.claims(subject), actor=actor)
        place = {"kind": self.kind, "scope_id": subject.pk, "claims": self.claims(subject)}
        token = tokens.issue(organization, actor=actor, **place, **wanted)
        binding = self.bindings._default_manager.create(
            **{self.kind.value: subject, "api_token": token}, **given
        )
        name = f"{binding._meta.app_label}.give_token_role"
        record(actor, name, auditable(binding), after=snapshot(binding))
        return token

    def update(self, binding: Any, actor: Actor, **change: Unpack[Change]) -> ApiToken:
        """Change a token here at its home. Raises StaleToken, InvalidInput, ExceedsOwnRights."""
        token = self._locked(binding)
        require_unchanged(binding, change["loaded"])
        tokens.check_words(change["name"], change["description"])
        if change["role"] != (binding.role or binding.custom_role_id):
            for name, value in granted(actor, change["role"], binding).items():
                setattr(binding, name, value)
            binding.save(update_fields=["role", "custom_role"])
        token.name, token.description = change["name"].strip(), change["description"]
        ranges = token_addresses.normalized(change["address_ranges"])
        if ranges != token.address_ranges:
            _require_all(token, actor)
        token.address_ranges = ranges
        token.save(update_fields=["name", "description", "address_ranges", "updated_at"])
        announce_on_commit(token.principal)
        return token

    def rotate(self, binding: Any, actor: Actor, *, loaded: str = "") -> ApiToken:
        """Give it a new value, on the answer only; the old one is void at once.

        Whoever rotates learns a value: so raises ExceedsOwnRights where the token holds more than
        they do, anywhere. Raises StaleToken where it was rotated or changed since it was `loaded`.
        """
        token = self._locked(binding)
        require_unchanged(binding, loaded)
        _require_all(token, actor)
        claims = self.claims(getattr(binding, self.kind))
        return tokens.rotate(token, claims=claims, actor=actor)

    def delete(self, binding: Any, *, typed_name: str) -> ApiToken:
        """Make it void for good, everywhere. Raises InvalidInput unless the name is its own."""
        token = self._locked(binding)
        if typed_name != token.name:
            raise InvalidInput(
                "The name you typed is not the name of this API token.",
                remedy=f"Type {token.name} exactly.",
                fields={"confirmation": f"Type {token.name}"},
            )
        for _, each in reach(token):
            each.delete()
        return tokens.revoke(token)

    def attach(self, subject: S, token: ApiToken, *, role: str, actor: Actor) -> Any:
        """Give a token of a wider scope a role on `subject`.

        Raises Conflict where it has another one there.
        """
        given = granted(actor, role, subject)  # type: ignore[arg-type]
        row: dict[str, Any] = {self.kind.value: subject, "api_token": token}
        binding, is_new = self.bindings._default_manager.get_or_create(defaults=given, **row)
        if not is_new and any(getattr(binding, name) != value for name, value in given.items()):
            raise Conflict(
                "This API token is attached here already.",
                remedy="Detach it first, or keep the role that it has.",
                fields={"role": "Is attached already"},
            )
        announce_on_commit(token.principal)
        return binding

    def detach(self, binding: Any) -> None:
        """Take away the role that a token of a wider scope has here. Raises Conflict at home."""
        token = binding.api_token
        if token.kind == self.kind.value.upper():
            raise Conflict("This API token belongs here.", remedy="Delete it instead.")
        binding.delete()
        announce_on_commit(token.principal)

    def _locked(self, binding: Any) -> ApiToken:
        """The row of the token, held until the end; only at its home can it be changed."""
        rows = ApiToken.objects.select_for_update(no_key=True, of=("self",))
        own = {"kind": self.kind.value.upper(), "revoked_at": None}
        token = rows.select_related("organization").filter(pk=binding.api_token_id, **own).first()
        if token is None:
            raise NotFound("This API token was deleted, or belongs to a wider scope.")
        binding.api_token = token
        return token


homes: list[Home[Any]] = []


def register(home: Home[Any]) -> None:
    """Have tokens found wherever they hold a role; each room calls it in its app's `ready()`."""
    if home not in homes:
        homes.append(home)


def reach(token: ApiToken) -> Iterator[tuple[Home[Any], Any]]:
    """Every binding of a token with the scope that it stands in. One query for each scope."""
    for home in sorted(homes, key=lambda each: _WIDEST_FIRST.index(each.kind)):
        rows = home.bindings._default_manager.filter(api_token=token)
        rows = rows.select_related(home.kind, "custom_role")
        for binding in rows.order_by("created_at"):
            yield home, binding


def _require_all(token: ApiToken, actor: Actor) -> None:
    """Raise ExceedsOwnRights where it holds more than the actor, anywhere."""
    for _, each in reach(token):
        require_within(actor, each.held_role, each)


def _made_before(form_key: str, scope_id: str, actor: Actor) -> ApiToken | None:
    if not form_key:
        return None
    made = ApiToken.objects.filter(form_key=form_key).select_related("organization").first()
    if made is None:
        return None
    is_repeated = made.scope_id == scope_id and made.created_by_id == actor.principal.id
    is_fresh = timezone.now() - made.created_at < _SENT_TWICE and made.last_used_at is None
    if not (is_repeated and is_fresh and made.is_usable):
        raise Conflict("This form was sent before.", remedy="Open it anew to make another token.")
    return made
