"""Forms of the installation; the rules stand in the services."""

from __future__ import annotations

from django import forms

from accounts.models import Installation


class OrganizationForm(forms.Form):
    name = forms.CharField(max_length=50)
    owner_email = forms.EmailField(
        max_length=254,
        label="First Owner's email",
        help_text="Who has an account becomes Owner at once. For anybody else you get a link to "
        "send on.",
    )


class SuspensionForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        help_text="Everybody in the Organization reads it.",
        widget=forms.Textarea({"rows": 2}),
    )
    contact = forms.CharField(max_length=254, required=False, label="Whom they ask")
    confirmation = forms.CharField(required=False)


class SignUpForm(forms.Form):
    policy = forms.ChoiceField(choices=Installation.SignUp.choices)
    domains = forms.CharField(
        required=False,
        max_length=20_000,
        label="Domains",
        help_text="One a line, as it stands after the @. Only domains in which nobody but your "
        "people can have an address.",
        widget=forms.Textarea({"rows": 4, "placeholder": "example.com"}),
    )


class OperatorForm(forms.Form):
    email = forms.EmailField(
        max_length=254,
        label="Email",
        help_text="Somebody who has an account. The right gives no role in any Organization.",
    )
