"""Forms of Workspaces, of set-up and of inviting; the rules stand in the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from access.roles import ORGANIZATION_ROLES, WORKSPACE_ROLES, Role
from accounts.forms import role_choices
from accounts.grant_forms import GrantForm
from accounts.models.invitation import MOST_DAYS, USUAL_DAYS
from workspaces.models import Workspace
from workspaces.services.set_up import FIRST_WORKSPACE


class SetUpForm(forms.Form):
    full_name = forms.CharField(
        max_length=100, label="Your name", widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(
        max_length=254, label="Email", widget=forms.EmailInput({"autocomplete": "email"})
    )
    password = forms.CharField(
        max_length=200,
        help_text="At least 8 characters.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    organization_name = forms.CharField(
        max_length=50, label="Organization", help_text="Your company or team, for example Acme."
    )
    workspace_name = forms.CharField(
        max_length=50,
        label="First Workspace",
        initial=FIRST_WORKSPACE,
        help_text="A group of Deployments and of the people who may use them.",
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class WorkspaceForm(forms.Form):
    name = forms.CharField(max_length=50)
    description = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    enforces_ci_cd = forms.BooleanField(
        required=False,
        label="Deploys by API token only",
        help_text="Default for new Deployments: people cannot deploy by hand, only CI/CD can.",
    )


class MemberForm(GrantForm):
    field_order = ("email", "role", "until")

    email = forms.EmailField(
        max_length=254,
        label="Email",
        help_text="Somebody who is not in the Organization yet gets an invitation.",
    )


class InviteForm(forms.Form):
    email = forms.CharField(
        max_length=20_000,
        label="Email",
        help_text="One address, or a pasted list: with commas, blanks or line ends between, also "
        "as Nina Berg <nina@example.com>.",
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
    )
    role = forms.ChoiceField(
        label="Role in the Organization",
        choices=role_choices(reversed(ORGANIZATION_ROLES)),
        initial=Role.ORGANIZATION_MEMBER,
    )
    days = forms.IntegerField(
        label="Ends after days",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        help_text=f"From 1 to {MOST_DAYS}. Until then the link works, once.",
    )
    workspaces = forms.MultipleChoiceField(
        required=False,
        help_text="Where they start; an Owner reaches every Workspace anyway.",
        widget=forms.CheckboxSelectMultiple,
    )
    workspace_role = forms.ChoiceField(
        required=False,
        label="Role in these Workspaces",
        choices=role_choices(reversed(WORKSPACE_ROLES)),
        initial=Role.WORKSPACE_MEMBER,
    )

    def __init__(self, *args: Any, workspaces: list[Workspace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["workspaces"]
        field.choices = field.widget.choices = [(each.pk, each.name) for each in workspaces]
        if not workspaces:
            del self.fields["workspaces"], self.fields["workspace_role"]

    def offer(self) -> dict[str, Any]:
        """What each of them is offered, for the service."""
        values = self.cleaned_data
        role = values.get("workspace_role") or Role.WORKSPACE_MEMBER.value
        return {
            "text": values["email"],
            "role": Role(values["role"]),
            "workspace_roles": dict.fromkeys(values.get("workspaces", ()), role),
            "days": values["days"] or USUAL_DAYS,
        }
