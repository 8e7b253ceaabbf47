"""The one way to choose a role in a form: what may be given here, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from access.scopes import Scoped
from accounts.models import RoleBinding
from accounts.role_choices import RoleChoice, chosen

_ABOVE = "above your own rights"


class RoleSelect(forms.Select):
    """Roles above one's own rights are shown and cannot be chosen; the reason is their title."""

    refusals: dict[str, str]

    def create_option(
        self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        refusal = self.refusals.get(str(value))
        words = f"{label} ({_ABOVE})" if refusal else label
        option = super().create_option(name, value, words, *args, **kwargs)
        if refusal:
            option["attrs"] |= {"disabled": True, "title": refusal}
        return option


class RoleField(forms.ChoiceField):
    """Built-in roles first, then the Organization's own."""

    def __init__(self, options: Sequence[RoleChoice], **kwargs: Any) -> None:
        widget = RoleSelect()
        widget.refusals = {each.value: each.refusal for each in options if each.refusal}
        built_in = [(each.value, each.label) for each in options if not each.is_custom]
        own = [(each.value, each.label) for each in options if each.is_custom]
        groups = [("Built-in roles", built_in), ("Roles of the Organization", own)]
        super().__init__(choices=groups if own else built_in, widget=widget, **kwargs)


class SeenField(forms.CharField):
    """What the reader was shown; a refused form shows what is there by now."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput())

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class GrantForm(forms.Form):
    """A role and its end. Subclasses add whom it is for."""

    role = forms.ChoiceField()
    until = forms.DateTimeField(
        required=False,
        label="Ends at",
        help_text="In UTC; the role goes by itself at that moment. Left empty, it has no end.",
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    seen = SeenField()

    def __init__(
        self,
        data: Any = None,
        *,
        options: Sequence[RoleChoice],
        binding: RoleBinding | None = None,
        role: str = "",
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"role": role} | (initial or {}) | _of(binding))
        self.fields["role"] = RoleField(options)

    def grant(self, subject: Scoped) -> dict[str, Any]:
        """The values for a service, of a form that is valid."""
        values = self.cleaned_data
        return {"role": chosen(values["role"], subject), "until": values.get("until")}

    def change(self, subject: Scoped) -> dict[str, Any]:
        """As `grant`, for a role that is there already."""
        return self.grant(subject) | {"seen": self.cleaned_data["seen"] or None}


class MembershipForm(GrantForm):
    """The role of a member of an Organization, whose end is more than that of a role."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].help_text = (
            "In UTC. Whoever is more than Member is a Member again from then on; a Member leaves "
            "the Organization with every role in it. Left empty, it has no end."
        )


def _of(binding: RoleBinding | None) -> dict[str, Any]:
    if binding is None:
        return {}
    value = binding.role or binding.custom_role_id
    return {"role": value, "until": binding.expires_at, "seen": binding.worth}
