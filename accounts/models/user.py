from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from access.ids import cuid
from access.scopes import INSTALLATION, Principal, PrincipalKind, Scope
from audit.record import AuditPlace


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One person, known by one e-mail address whatever its letter case."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        INACTIVE = "INACTIVE", "Inactive"
        PENDING = "PENDING", "Pending"
        BANNED = "BANNED", "Banned"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    is_operator = models.BooleanField(default=False)
    """Runs this installation: sees the health of its parts, creates and suspends Organizations."""
    is_newcomer = models.BooleanField(default=False)
    """Signed up without an invitation, and has not signed in since."""
    last_organization_id = models.CharField(max_length=25, blank=True, default="", editable=False)
    """Where they were when they signed out, to come back to; it may be gone by then."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []

    objects: ClassVar[UserManager] = UserManager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "email", "full_name", "status", "is_operator",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering: ClassVar = ["email"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case")
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's question: may this person sign in?"""
        return self.status == self.Status.ACTIVE

    @property
    def principal(self) -> Principal:
        """This person as the subject of grants and of audit rows."""
        return Principal(PrincipalKind.USER, self.pk, self.email, self.is_operator)

    def access_scopes(self) -> tuple[Scope, ...]:
        """Accounts belong to the installation; what they may do belongs to tenants."""
        return (INSTALLATION,)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=INSTALLATION.id)
