"""An Organization's identity provider, as the console knows it."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from access.encryption import EncryptedTextField
from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.roles import ORGANIZATION_ROLES, Role
from access.scopes import Scope, ScopeKind
from accounts.models.organization import Organization
from accounts.models.user import User
from audit.record import AuditPlace

MOST_CERTIFICATES = 2
"""The one in use and the one that follows it."""


class SsoConnectionQuerySet(ScopedQuerySet["SsoConnection"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "organization_id"}

    def running(self) -> SsoConnectionQuerySet:
        """Those by which people sign in now."""
        return self.filter(
            state=SsoConnection.State.ACTIVE, organization__status=Organization.Status.ACTIVE
        )


def new_key() -> str:
    return secrets.token_urlsafe(18)


class SsoConnection(models.Model):
    """One identity provider of one Organization, by OpenID Connect or SAML.

    Nobody signs in by it before it is ACTIVE, and it is activated only after a test sign-in.
    """

    class Kind(models.TextChoices):
        OIDC = "OIDC", "OpenID Connect"
        SAML = "SAML", "SAML"

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Not tested"
        TESTED = "TESTED", "Tested"
        ACTIVE = "ACTIVE", "Active"
        OFF = "OFF", "Off"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    """In its addresses, so that they say nothing of the Organization and cannot be guessed."""
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="sso_connections")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    provider = models.CharField(max_length=20, default="other")
    """Whose guide its pages show, for example `okta`."""
    name = models.CharField(max_length=50)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)

    email_attribute = models.CharField(max_length=200, default="email")
    first_name_attribute = models.CharField(max_length=200, default="firstName")
    last_name_attribute = models.CharField(max_length=200, default="lastName")
    name_attribute = models.CharField(max_length=200, default="name")
    groups_attribute = models.CharField(max_length=200, default="groups")

    jit_enabled = models.BooleanField(default=True)
    """Whether people of its domains become members at their first sign-in."""
    default_role = models.CharField(
        max_length=40,
        choices=[(role.value, role.label) for role in ORGANIZATION_ROLES],
        default=Role.ORGANIZATION_MEMBER,
    )

    discovery_url = models.CharField(max_length=2000, blank=True, default="")
    client_id = models.CharField(max_length=300, blank=True, default="")
    client_secret = EncryptedTextField(blank=True, default="")
    scopes = models.CharField(max_length=300, default="openid email profile")

    idp_entity_id = models.CharField(max_length=1000, blank=True, default="")
    sso_url = models.CharField(max_length=2000, blank=True, default="")
    slo_url = models.CharField(max_length=2000, blank=True, default="")
    certificates = ArrayField(models.TextField(), default=list, blank=True)
    """PEM; at most `MOST_CERTIFICATES`."""
    metadata_url = models.CharField(max_length=2000, blank=True, default="")
    metadata_xml = models.TextField(blank=True, default="")
    metadata_read_at = models.DateTimeField(null=True, blank=True)
    metadata_fault = models.CharField(max_length=500, blank=True, default="")
    """Why the metadata's address could not be read the last time; what was read before stays."""
    idp_initiated = models.BooleanField(default=False)
    """Whether an answer counts that nobody here asked for."""

    tested_at = models.DateTimeField(null=True, blank=True)
    tested_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    tested_as = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    """Whom that test would have signed in, where they had an account."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SsoConnectionQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "name", "kind", "provider", "state", "email_attribute", "first_name_attribute",
        "last_name_attribute", "name_attribute", "groups_attribute", "jit_enabled",
        "default_role", "discovery_url", "client_id", "scopes", "idp_entity_id", "sso_url",
        "slo_url", "certificates", "metadata_url", "idp_initiated", "tested_at",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ("client_secret",)
    lasting_relations: ClassVar = ("organization",)

    class Meta:
        verbose_name = "SSO connection"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization", Lower("name"), name="sso_connection_name_once_in_organization"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def provider_name(self) -> str:
        """What names the provider, whose subjects mean nothing to another one."""
        if self.kind == self.Kind.SAML:
            return self.idp_entity_id
        return self.discovery_url.partition("?")[0]

    @property
    def version(self) -> str:
        """Another one after each change."""
        return self.updated_at.isoformat()

    def url(self, route: str) -> str:
        """The address of one of its doors as its identity provider knows it, for example `acs`."""
        return f"{settings.BASE_URL}{reverse(f'accounts:sso_{route}', args=[self.key])}"

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)
