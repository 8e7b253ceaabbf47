"""The form of a role that an Organization makes; the rules stand in the services."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest

from access.permissions import Permission
from access.roles import PERMISSIONS_OF, Rights, Role
from access.templates import TEMPLATES
from accounts import role_catalogue
from accounts.models import CustomRole
from accounts.services import custom_roles


class AnyOf(forms.MultipleChoiceField):
    """Ticked boxes; what may be ticked is the service's to say."""

    def valid_value(self, value: Any) -> bool:
        return True


class CustomRoleForm(forms.Form):
    name = forms.CharField(max_length=100, widget=forms.TextInput({"autocomplete": "off"}))
    description = forms.CharField(
        max_length=500, required=False, help_text="What it is for, for those who give it."
    )
    scope_type = forms.ChoiceField(
        choices=CustomRole.ScopeType.choices,
        label="Given on one",
        initial=CustomRole.ScopeType.DEPLOYMENT,
    )
    permissions = AnyOf(required=False)
    restricted_workspace_ids = AnyOf(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class DeleteRoleForm(forms.Form):
    confirmation = forms.CharField(required=False)
    removes_grants = forms.BooleanField(required=False)


@dataclass(frozen=True)
class Tick:
    """One box of the picker."""

    right: role_catalogue.Right
    is_on: bool


@dataclass(frozen=True)
class Shelf:
    """One group of the picker; hidden ones keep what is ticked in them."""

    group: role_catalogue.Group
    ticks: tuple[Tick, ...]
    is_hidden: bool

    @property
    def ticked(self) -> int:
        return sum(tick.is_on for tick in self.ticks)


@dataclass(frozen=True)
class Start:
    """Something that a new role can begin with."""

    key: str
    label: str
    scope_type: str
    rights: Rights


def starts(made: Iterable[CustomRole]) -> list[Start]:
    """The catalogue's templates, the roles of the table, and those of the Organization."""
    found = [
        Start(f"template-{name}", f"Template: {name}", "DEPLOYMENT", rights)
        for name, rights in TEMPLATES.items()
    ]
    found += [
        Start(role.value, f"{kind.title()} {role.label}", kind, PERMISSIONS_OF[role])
        for role in Role
        if (kind := role.value.partition("_")[0]) in CustomRole.ScopeType.values
    ]
    found += [
        Start(each.pk, f"Role: {each.name}", each.scope_type, each.as_granted().permissions)
        for each in made
    ]
    return found


def picker(scope_type: str, ticked: Sequence[str], words: str) -> list[Shelf]:
    """Everything that can be ticked for a scope, as far as it matches `words`."""
    chosen = frozenset(ticked)
    return [
        Shelf(
            group,
            tuple(Tick(right, right.permission.value in chosen) for right in group.rights),
            is_hidden=not group.matches(words),
        )
        for group in role_catalogue.groups(possible(scope_type))
    ]


def possible(scope_type: str) -> frozenset[Permission]:
    """As the service has it; for a scope that there is not, what a Deployment's can hold."""
    known = scope_type in CustomRole.ScopeType.values
    return custom_roles.possible(scope_type if known else "DEPLOYMENT")


def typed(request: HttpRequest, found: Iterable[Start]) -> dict[str, Any]:
    """What the form holds after a button of the picker was pressed; nothing typed is lost."""
    values: dict[str, Any] = {
        name: request.POST.get(name, "") for name in ("name", "description", "scope_type")
    }
    ticked = set(request.POST.getlist("permissions"))
    if "start" in request.POST:
        begin = {start.key: start for start in found}.get(request.POST.get("start_from", ""))
        if begin is not None:
            values["scope_type"] = begin.scope_type
            ticked = {permission.value for permission in begin.rights}
    rights = possible(values["scope_type"])
    ticked |= role_catalogue.ids_of(request.POST.get("all", ""), rights)
    ticked -= role_catalogue.ids_of(request.POST.get("none", ""), rights)
    values["permissions"] = sorted(ticked & {right.value for right in rights})
    values["restricted_workspace_ids"] = request.POST.getlist("restricted_workspace_ids")
    values["version"] = request.POST.get("version", "")
    return values


def is_picking(request: HttpRequest) -> bool:
    """Whether a button of the picker was pressed, and nothing shall be saved."""
    return not {"all", "none", "search", "start"}.isdisjoint(request.POST)


def fingerprint(values: dict[str, Any]) -> str:
    """Of what a change does to its holders, so that what is saved is what was shown."""
    parts = [*sorted(values["permissions"]), "|", *sorted(values["restricted_workspace_ids"])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
