"""E-mail domains that an Organization says are its own."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.scopes import Scope, ScopeKind
from accounts import domain_names
from accounts.models.organization import Organization
from accounts.models.sso_connection import SsoConnection
from audit.record import AuditPlace


class SsoDomainQuerySet(ScopedQuerySet["SsoDomain"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "organization_id"}

    def proven(self) -> SsoDomainQuerySet:
        """Those that count, in whatever state their record is now."""
        return self.filter(proven_at__isnull=False)

    def of(self, email: str) -> SsoDomainQuerySet:
        """Those that an address lies in, exactly: a subdomain is another domain."""
        return self.filter(domain=domain_names.of(email))


def new_token() -> str:
    return secrets.token_hex(16)


class SsoDomain(models.Model):
    """A claim, which counts once a DNS record has proven it.

    Any number of Organizations may claim a domain; it is proven for one of them at a time.
    """

    class Login(models.TextChoices):
        SSO = "SSO", "Single sign-on"
        PASSWORD = "PASSWORD", "Password"
        PASSKEY = "PASSKEY", "Passkey"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="sso_domains")
    domain = models.CharField(max_length=253)
    """Lower case; names beyond ASCII in the form that DNS knows them by."""
    txt_token = models.CharField(max_length=64, default=new_token, editable=False)
    connection = models.ForeignKey(
        SsoConnection, models.SET_NULL, null=True, blank=True, related_name="domains"
    )
    """Where the sign-in page sends people of it."""
    enforced_logins = ArrayField(
        models.CharField(max_length=8, choices=Login.choices), default=list, blank=True
    )
    """The only ways by which people of it sign in; empty: every way."""
    proven_at = models.DateTimeField(null=True, blank=True)
    last_checked_at = models.DateTimeField(null=True, blank=True)
    last_answer = models.CharField(max_length=500, blank=True, default="")
    """What the last check found, in words."""
    missing_since = models.DateTimeField(null=True, blank=True)
    """Since when a proven domain has no record any more; it counts until another takes it."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SsoDomainQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "domain", "connection", "enforced_logins", "proven_at", "missing_since",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ()
    lasting_relations: ClassVar = ("organization",)

    class Meta:
        verbose_name = "domain"
        ordering: ClassVar = ["domain"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "domain"], name="sso_domain_claimed_once"
            ),
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(proven_at__isnull=False),
                name="sso_domain_proven_for_one",
            ),
        ]

    def __str__(self) -> str:
        return self.domain

    @property
    def is_proven(self) -> bool:
        return self.proven_at is not None

    @property
    def is_missing(self) -> bool:
        return self.missing_since is not None

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)
