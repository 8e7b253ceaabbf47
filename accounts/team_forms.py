"""Forms of Teams; the rules stand in the services."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from accounts.grant_forms import GrantForm, SeenField

_BETWEEN = re.compile(r"[\s,;]+")


class EmailsField(forms.CharField):
    """Addresses, one a line or with commas between, as a list in small letters."""

    widget = forms.Textarea

    def clean(self, value: object) -> list[str]:
        text = super().clean(value)
        return [each.lower() for each in _BETWEEN.split(text) if each]


class TeamForm(forms.Form):
    name = forms.CharField(max_length=100, widget=forms.TextInput({"autocomplete": "off"}))
    description = forms.CharField(max_length=500, required=False)
    seen = SeenField()


class NewTeamForm(GrantForm):
    """A Team is there for good, so its role in the Organization has no end to begin with."""

    field_order = ("name", "description", "role", "emails")

    name = forms.CharField(max_length=100, widget=forms.TextInput({"autocomplete": "off"}))
    description = forms.CharField(max_length=500, required=False)
    emails = EmailsField(
        required=False,
        label="Members",
        help_text="Addresses of people in the Organization, one a line or with commas between.",
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["until"]


class TeamMembersForm(forms.Form):
    emails = EmailsField(
        label="People",
        help_text="Addresses of people in the Organization, one a line or with commas between.",
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
    )


class TeamGrantForm(GrantForm):
    """A role for a Team, named as people know it."""

    field_order = ("team", "role", "until")

    team = forms.CharField(
        max_length=100, widget=forms.TextInput({"autocomplete": "off", "list": "team-names"})
    )


class PersonGrantForm(GrantForm):
    """A role for somebody of the Organization."""

    field_order = ("email", "role", "until")

    email = forms.EmailField(
        max_length=254, label="Email", help_text="Of somebody who is in the Organization."
    )
