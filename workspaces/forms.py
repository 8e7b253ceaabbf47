"""Forms of Workspaces, of set-up and of inviting; the rules stand in the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from access.roles import ORGANIZATION_ROLES, WORKSPACE_ROLES, Role
from accounts.forms import role_choices
from accounts.grant_forms import GrantForm
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
    email = forms.EmailField(max_length=254, label="Email")
    role = forms.ChoiceField(
        label="Role in the Organization",
        choices=role_choices(reversed(ORGANIZATION_ROLES)),
        initial=Role.ORGANIZATION_MEMBER,
    )
    workspace = forms.ChoiceField(
        required=False, help_text="Where they start; an Owner reaches every Workspace anyway."
    )
    workspace_role = forms.ChoiceField(
        required=False,
        label="Role in the Workspace",
        choices=role_choices(reversed(WORKSPACE_ROLES)),
        initial=Role.WORKSPACE_MEMBER,
    )

    def __init__(self, *args: Any, workspaces: list[Workspace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["workspace"]
        choices = [("", "None yet"), *((each.pk, each.name) for each in workspaces)]
        field.choices = field.widget.choices = choices  # type: ignore[attr-defined]

    def workspace_roles(self) -> dict[str, str]:
        """What the invitation grants in Workspaces."""
        chosen = self.cleaned_data["workspace"]
        role = self.cleaned_data["workspace_role"] or Role.WORKSPACE_MEMBER.value
        return {chosen: role} if chosen else {}
