"""Narrowings of the audit log that people keep, for themselves or for everybody who reads it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from access.ids import cuid
from access.scopes import Scope, ScopeKind
from accounts.models.organization import Organization
from accounts.models.user import User
from audit.record import AuditPlace


class AuditFilterQuerySet(models.QuerySet["AuditFilter"]):
    def usable_by(self, user_id: str) -> AuditFilterQuerySet:
        """One's own, and what others share."""
        return self.filter(Q(owner_id=user_id) | Q(is_shared=True))


class AuditFilter(models.Model):
    """A name for what stands behind the `?` of the log's address."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="audit_filters")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=50)
    narrowing = models.CharField(max_length=2000)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AuditFilterQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = ("name", "narrowing", "is_shared")
    secret_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        verbose_name = "saved filter"
        ordering: ClassVar = [Lower("name")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization", "owner", Lower("name"), name="audit_filter_name_once_for_each"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)
