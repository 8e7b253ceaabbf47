"""The form of a group rule; its rules stand in the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from access.roles import AnyRole
from access.scopes import Scoped
from accounts.grant_forms import SeenField
from accounts.models import CustomRole, GroupRule, Organization, Team
from accounts.models.group_rule import LONGEST_GROUP
from accounts.role_choices import ROLES_OF, chosen
from accounts.services.group_rules import Wish

_NONE = [("", "–")]


class GroupRuleForm(forms.Form):
    group = forms.CharField(
        max_length=LONGEST_GROUP,
        help_text="As the identity provider writes it, letter for letter.",
        widget=forms.TextInput({"autocomplete": "off", "list": "group-names"}),
    )
    place = forms.ChoiceField(
        label="Gives", help_text="A Team to be in, or what to have a role on."
    )
    role = forms.ChoiceField(
        required=False, help_text="One of the kind that is chosen above; none for a Team."
    )
    seen = SeenField()
    tried = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(
        self,
        data: Any = None,
        *,
        organization: Organization,
        places: Mapping[str, Sequence[Any]],
        rule: GroupRule | None = None,
    ) -> None:
        super().__init__(data, initial=_of(rule))
        self.places = {f"{kind}:{each.pk}": each for kind in places for each in places[kind]}
        self.fields["place"].choices = _NONE + [  # type: ignore[attr-defined]
            (kind.title(), [(f"{kind}:{each.pk}", str(each)) for each in found])
            for kind, found in places.items()
            if found
        ]
        self.fields["role"].choices = _NONE + _roles(organization)  # type: ignore[attr-defined]

    def wish(self) -> Wish:
        """What is wanted, of a form that is valid. Raises InvalidInput for a role of another kind
        of place."""
        values = self.cleaned_data
        place = self.places[values["place"]]
        return Wish(values["group"], place, None if isinstance(place, Team) else self._role(place))

    def _role(self, place: Scoped) -> AnyRole | None:
        value = self.cleaned_data["role"]
        return chosen(value, place) if value else None

    @property
    def written(self) -> str:
        """All that it says in one word."""
        values = self.cleaned_data
        return "|".join((values["group"], values["place"], values["role"]))


def _roles(organization: Organization) -> list[tuple[str, list[tuple[str, str]]]]:
    own = list(CustomRole.objects.filter(organization=organization).order_by("name"))
    return [
        (
            f"On {'an' if kind.value == 'organization' else 'a'} {kind.value.title()}",
            [(role.value, role.label) for role in reversed(roles)]
            + [(each.pk, each.name) for each in own if each.scope_type == kind.value.upper()],
        )
        for kind, roles in ROLES_OF.items()
    ]


def _of(rule: GroupRule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    return {
        "group": rule.group,
        "place": f"{rule.kind}:{rule.team_id or rule.place_id}",
        "role": rule.role or rule.custom_role_id or "",
        "seen": rule.version,
    }
