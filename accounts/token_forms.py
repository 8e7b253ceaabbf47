"""Forms of API tokens, the same at every scope; the rules stand in the services."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django import forms

from accounts.grant_forms import RoleField
from accounts.models import ApiToken, Organization
from accounts.role_choices import RoleChoice
from accounts.services import token_addresses, tokens

_USUAL_DAYS = 90


class AddressesField(forms.CharField):
    """Networks, one a line."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            max_length=4000,
            label="Only from these addresses",
            help_text="Networks or single addresses, one a line, for example 203.0.113.0/24 or "
            "2001:db8::/32. Left empty, it is accepted from everywhere.",
            widget=forms.Textarea({"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
        )

    def clean(self, value: Any) -> Any:
        return token_addresses.split(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class _Words(forms.Form):
    name = forms.CharField(
        max_length=256,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="What uses it, for example deploy from GitHub.",
    )
    description = forms.CharField(max_length=500, required=False)
    role = forms.ChoiceField()

    def __init__(self, *args: Any, options: Sequence[RoleChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = RoleField(options)


class TokenForm(_Words):
    """A new token."""

    lifetime = forms.IntegerField(label="Expires after days", min_value=1, required=False)
    address_ranges = AddressesField()
    form_key = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, options: Sequence[RoleChoice], organization: Organization, **kwargs: Any
    ) -> None:
        super().__init__(*args, options=options, **kwargs)
        most = organization.api_token_max_days
        field: Any = self.fields["lifetime"]
        field.help_text = (
            f"From 1 to {most:,}: the rule of {organization}."
            if most
            else f"From 1 to {tokens.LONGEST_DAYS:,}. Left empty, it never expires."
        )
        field.widget.attrs["max"] = most or tokens.LONGEST_DAYS
        field.initial = min(_USUAL_DAYS, most or _USUAL_DAYS)
        self.fields["form_key"].initial = secrets.token_hex(16)

    def clean_lifetime(self) -> timedelta | None:
        days = self.cleaned_data["lifetime"]
        if days is not None and days > tokens.LONGEST_DAYS:
            raise forms.ValidationError(f"At most {tokens.LONGEST_DAYS:,} days.")
        return timedelta(days=days) if days else None


class TokenChangeForm(_Words):
    """A token that there is; `loaded` tells a stale form."""

    address_ranges = AddressesField()
    loaded = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class AttachForm(forms.Form):
    """Which of these tokens, with which role."""

    token = forms.ChoiceField(label="API token")
    role = forms.ChoiceField()

    def __init__(
        self,
        *args: Any,
        found: Iterable[ApiToken],
        options: Sequence[RoleChoice],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["token"]
        named = [(each.pk, f"{each.name} ({each.get_kind_display()})") for each in found]
        choices.choices = choices.widget.choices = named
        self.fields["role"] = RoleField(options)
