"""Forms of the installation; the rules stand in the services."""

from __future__ import annotations

from django import forms


class OperatorForm(forms.Form):
    email = forms.EmailField(
        max_length=254,
        label="Email",
        help_text="Somebody who has an account. The right gives no role in any Organization.",
    )
