"""Forms of Organization and people; the rules stand in the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.forms import SignupForm
from django import forms

from access.roles import Role
from accounts.models import User


def role_choices(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """Roles as a select shows them."""
    return [(role.value, role.label) for role in roles]


class SignUpForm(SignupForm):  # type: ignore[misc]
    """allauth's, with a name."""

    full_name = forms.CharField(
        max_length=100, label="Your name", widget=forms.TextInput({"autocomplete": "name"})
    )
    field_order = ("full_name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def signup(self, request: Any, user: User) -> None:
        user.full_name = self.cleaned_data["full_name"]
        user.save(update_fields=["full_name"])


class OrganizationForm(forms.Form):
    name = forms.CharField(max_length=50)
    allows_deprecated_runtimes = forms.BooleanField(
        required=False,
        label="Allow deprecated runtimes",
        help_text="Offers runtime versions past their end of maintenance for new Deployments. "
        "They get no more fixes.",
    )

    audit_retention_days = forms.IntegerField(
        required=False,
        label="Keep the audit log for days",
        help_text="90 to 3,650; empty: for ever. Older entries are removed within an hour and do "
        "not come back.",
        widget=forms.NumberInput({"min": 90, "max": 3650}),
    )
    api_token_max_days = forms.IntegerField(
        required=False,
        label="Longest life of an API token in days",
        help_text="1 to 3,650, for tokens made from now on, which then must have an end; empty: "
        "also without one.",
        widget=forms.NumberInput({"min": 1, "max": 3650}),
    )


class IpAccessForm(forms.Form):
    restricts = forms.BooleanField(
        required=False,
        label="Admit these networks only",
        help_text="Counts for pages, the API and every Airflow, within a second. Off: everybody is "
        "admitted from everywhere, and the list is kept.",
    )
    ranges = forms.CharField(
        required=False,
        label="Networks",
        max_length=40_000,
        help_text="One a line: an address or a network, and a note behind it, as "
        "203.0.113.0/24 Office in Berlin",
        widget=forms.Textarea({"rows": 10, "spellcheck": "false", "class": "mono"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    tried = forms.CharField(required=False, widget=forms.HiddenInput)


class ProfileForm(forms.Form):
    full_name = forms.CharField(
        max_length=100, label="Your name", widget=forms.TextInput({"autocomplete": "name"})
    )


class EmailForm(forms.Form):
    email = forms.EmailField(
        max_length=254,
        label="New address",
        help_text="A link goes there. Until you have opened it, nothing changes.",
        widget=forms.EmailInput({"autocomplete": "email"}),
    )


class ConfirmForm(forms.Form):
    """The name typed again before something final; the service compares it."""

    confirmation = forms.CharField(required=False)
