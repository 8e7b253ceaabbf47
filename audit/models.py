"""The visitors' book: who did what to which object, and what it looked like before and after."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Outcome(models.TextChoices):
    DONE = "DONE", "Done"
    REFUSED = "REFUSED", "Refused"
    FAILED = "FAILED", "Failed"


class AuditRecord(models.Model):
    """One row for each write, sign-in, Airflow access and refusal; never changed afterwards.

    It holds plain ids and no foreign keys: the book outlives the guests.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    organization_id = models.CharField(max_length=25, blank=True, default="")
    workspace_id = models.CharField(max_length=25, blank=True, default="")
    deployment_id = models.CharField(max_length=25, blank=True, default="")
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=25, blank=True)
    actor_label = models.CharField(max_length=320)
    action = models.CharField(max_length=80)
    target_type = models.CharField(max_length=40)
    target_id = models.CharField(max_length=64)
    target_label = models.CharField(max_length=500)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.DONE)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    door = models.CharField(max_length=10)
    source_ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = "audit record"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization_id", "-id"], name="audit_by_organization"),
            models.Index(fields=["deployment_id", "-id"], name="audit_by_deployment"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            models.Index(
                fields=["organization_id", "at"],
                include=["actor_kind", "actor_id", "source_ip", "outcome"],
                name="audit_addresses",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.target_label}"


class Unsealed(models.Model):
    """A row that no seal covers yet; a trigger puts it here with the row, in its transaction."""

    record_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name = "unsealed audit record"
        verbose_name_plural = "unsealed audit records"

    def __str__(self) -> str:
        return str(self.record_id)


class Seal(models.Model):
    """One link of an Organization's chain: the rows that it covers, in their order for ever.

    Rows of no Organization have a chain of their own, under the empty id.
    """

    organization_id = models.CharField(max_length=25, blank=True, default="")
    number = models.BigIntegerField()
    """1 for the first of its chain."""
    rows = models.BigIntegerField()
    """How many rows the chain has up to here, those of this seal included."""
    record_ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    """SHA-256 of each row (`audit.lines`), 32 bytes each, in the order of `record_ids`."""
    sealed_at = models.DateTimeField()
    head = models.BinaryField()
    """SHA-256 of the head before and of all of this (`audit.sealing.head_of`)."""

    class Meta:
        ordering: ClassVar = ["organization_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization_id", "number"], name="audit_one_chain")
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"


class Checkpoint(models.Model):
    """In place of the beginning of a chain, which retention removed: where the rest goes on."""

    organization_id = models.CharField(max_length=25, blank=True, default="")
    number = models.BigIntegerField()
    """The last seal that is gone."""
    statement = models.JSONField()
    """`organization`, `number`, `rows`, `head` and `at`, signed as published heads are."""

    class Meta:
        ordering: ClassVar = ["organization_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization_id", "number"], name="audit_one_checkpoint"
            )
        ]

    def __str__(self) -> str:
        return f"checkpoint behind seal {self.number}"
