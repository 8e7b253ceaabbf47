"""What beat asks of Organizations."""

from __future__ import annotations

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from access.actor import system
from accounts.models import Organization, SsoConnection
from accounts.services import ends, keeping, sso_domains, sso_metadata
from accounts.sinks import delivery
from accounts.sso import rules
from web.errors import DomainError


@shared_task
def end_grants() -> None:
    """Remove the grants that ended, and come back at the moment when the next ones do."""
    remove_ended_grants()
    for moment in ends.upcoming():
        remove_ended_grants.apply_async(eta=moment, expires=moment + ends.LOOK_AHEAD)


@shared_task
def remove_ended_grants() -> None:
    """Rights end at their moment by themselves; this clears the table and tells open pages."""
    ends.remove_ended(actor=system("ends"))


@shared_task
def expire_audit() -> None:
    """Remove from each audit log what is older than its Organization keeps."""
    for organization in Organization.objects.filter(audit_retention_days__isnull=False):
        keeping.remove_expired(organization, actor=system("retention"))


@shared_task
def refresh_metadata() -> None:
    """Have the metadata of each running SAML connection read once a day, each by itself."""
    for connection_id in sso_metadata.due():
        refresh_metadata_of.delay(connection_id)


@shared_task
def refresh_metadata_of(connection_id: str) -> None:
    connection = SsoConnection.objects.filter(pk=connection_id).first()
    if connection is not None:
        with suppress(DomainError):  # its page says what is wrong; what runs goes on
            sso_metadata.refresh(connection, actor=system("metadata"))


@shared_task
def send_audit() -> None:
    """Have each sink of an audit log sent what is due; a slow one holds up no other."""
    for sink_id in delivery.due(timezone.now()):
        send_to_sink.delay(sink_id)


@shared_task
def send_to_sink(sink_id: str) -> None:
    delivery.deliver(sink_id)


@shared_task
def check_domains() -> None:
    """Look at the records of domains whose turn it is; silent name servers hold up nothing else."""
    sso_domains.check_due(timezone.now(), actor=system("domains"))


@shared_task
def forget_groups() -> None:
    """Take away what groups gave that nobody was heard to be in for 30 days."""
    rules.forget_old(timezone.now(), actor=system("groups"))
