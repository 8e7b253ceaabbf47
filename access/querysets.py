"""Visibility as a property of the query: what an actor may not see is not in the list."""

from __future__ import annotations

from typing import Any, ClassVar, Self, TypeVar, cast

from django.db import models
from django.db.models import Q

from access.actor import Actor
from access.hiding import explanation
from access.permissions import Permission
from access.scopes import Scoped, ScopeKind
from web.errors import DomainError, NotFound

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """A QuerySet that knows how its rows hang below Organization, Workspace and Deployment."""

    scope_paths: ClassVar[dict[ScopeKind, str]] = {}
    """For each kind the look-up that leads from a row to the scope's id."""

    def visible_to(self, actor: Actor, permission: Permission) -> Self:
        """Only the rows on which `actor` holds `permission`: the same answer as `Actor.can`."""
        if actor.is_system:
            return self
        where = Q(pk__in=[])
        for kind, path in self.scope_paths.items():
            ids = actor.scope_ids(kind, permission)
            if ids:
                where |= Q(**{f"{path}__in": ids})
        return self.filter(where)

    def get_visible(self, actor: Actor, permission: Permission, **lookup: Any) -> M:
        """The one row, or NotFound: for what is missing and what is hidden alike.

        Those whom it belongs to are told why it is hidden, where there is a reason (`hiding`).
        """
        found = self.filter(**lookup).order_by()[:1]
        return self.shown(next(iter(found), None), actor, permission, **lookup)

    def shown(self, row: M | None, actor: Actor, permission: Permission, **lookup: Any) -> M:
        """A row that was found by `lookup`, unless it is hidden from `actor`: as `get_visible`."""
        if row is None or not actor.can(permission, cast("Scoped", row)):
            raise self._reason(actor, **lookup) or self._missing()
        return row

    def _missing(self) -> NotFound:
        name = self.model._meta.verbose_name
        return NotFound(
            f"This {name} does not exist, or you have no access to it.",
            remedy="Check the address, or ask the person who sent it for access.",
        )

    def _reason(self, actor: Actor, **lookup: Any) -> DomainError | None:
        """Why it is hidden from somebody of its own Organization."""
        path = self.scope_paths.get(ScopeKind.ORGANIZATION)
        if path is None:
            return None
        rows = self.model._base_manager.filter(**lookup)
        home = rows.values_list(path, flat=True).first()
        return explanation(actor, str(home)) if home else None
