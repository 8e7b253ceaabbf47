"""What beat asks of Organizations."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from access.actor import system
from accounts.models import Organization, SsoDomain
from accounts.services import ends, keeping, sso_domains
from accounts.sinks import delivery


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
def send_audit() -> None:
    """Have each sink of an audit log sent what is due; a slow one holds up no other."""
    for sink_id in delivery.due(timezone.now()):
        send_to_sink.delay(sink_id)


@shared_task
def send_to_sink(sink_id: str) -> None:
    delivery.deliver(sink_id)


@shared_task
def check_domains() -> None:
    """Look at the record of each domain whose turn it is; a slow name server holds up no other."""
    for domain in sso_domains.due(timezone.now()):
        check_domain.delay(domain.pk)


@shared_task
def check_domain(domain_id: str) -> None:
    domain = SsoDomain.objects.filter(pk=domain_id).first()
    if domain is not None:
        sso_domains.check_domain(domain, actor=system("domains"))
