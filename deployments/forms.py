"""What people type about a Deployment. Rules that need the database stay in the services."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from deployments.models import Cluster, Deployment
from deployments.services.create import MOST_CONTACTS
from web.errors import DomainError
from workspaces.models import Workspace

_SEPARATORS = re.compile(r"[\s,;]+")


class ContactEmailsField(forms.CharField):
    """Addresses, one a line; commas and blanks part them as well. Each is kept once."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else "\n".join(value)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return tuple(dict.fromkeys(filter(None, _SEPARATORS.split(text))))

    def validate(self, value: Any) -> None:
        if len(value) > MOST_CONTACTS:
            raise ValidationError(f"At most {MOST_CONTACTS} addresses.")
        for address in value:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(f"{address} is not an e-mail address.") from None

    def run_validators(self, value: Any) -> None:
        """Each address was checked; the text validators do not fit a list."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(tuple(initial or ()) != self.to_python(data))


class DeploymentForm(forms.Form):
    """The settings that can be changed at any time."""

    name = forms.CharField(max_length=500)
    description = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    executor = forms.ChoiceField(choices=Deployment.Executor.choices)
    scheduler_size = forms.ChoiceField(choices=Deployment.SchedulerSize.choices)
    is_development_mode = forms.BooleanField(
        required=False,
        label="Development mode",
        help_text="For trying things out. It can be turned off later, but never on again.",
    )
    contact_emails = ContactEmailsField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Contact addresses",
        help_text="Who hears about problems of this Deployment; one address a line.",
    )

    def show(self, error: DomainError) -> None:
        """Put a refusal beside the fields that it names, or above the form."""
        known = {name: text for name, text in error.fields.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, text)
        if not known:
            self.add_error(None, f"{error.cause} {error.remedy}".strip())


class CreateForm(DeploymentForm):
    """A new Deployment. Offers only what the person may use; the service decides again."""

    key = forms.CharField(widget=forms.HiddenInput)
    workspace = forms.ModelChoiceField(Workspace.objects.none(), empty_label=None)
    cluster = forms.ModelChoiceField(Cluster.objects.none(), empty_label=None)
    runtime_version = forms.CharField(
        max_length=40, error_messages={"required": "Choose a runtime version."}
    )

    def __init__(self, *args: Any, workspaces: Any, clusters: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Workspace]", self.fields["workspace"]).queryset = workspaces
        cast("forms.ModelChoiceField[Cluster]", self.fields["cluster"]).queryset = clusters


class SettingsForm(DeploymentForm):
    """The settings of an existing Deployment, and what they were when the page was loaded."""

    enforces_ci_cd = forms.BooleanField(
        required=False,
        label="Deploys by API token only",
        help_text="Refuse deploys that a person makes by hand, so that all come from CI/CD.",
    )
    loaded = forms.CharField(widget=forms.HiddenInput)
    """The settings' fingerprint when the page was loaded: a stale form is noticed."""
