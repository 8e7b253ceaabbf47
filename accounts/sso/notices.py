"""Messages to the Owners of an Organization about its sign-in, besides its pages and its log."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from access.roles import Role
from accounts.models import OrganizationRoleBinding, SsoDomain
from accounts.sso import dns_records

logger = logging.getLogger(__name__)


def record_is_missing(domain: SsoDomain) -> None:
    """Its DNS record is gone. It goes on counting until another Organization proves it."""
    _tell(domain, f"The DNS record of {domain} is gone", "emails/sso_record_missing.txt")


def domain_is_lost(domain: SsoDomain) -> None:
    """Another Organization has proven it."""
    _tell(domain, f"{domain} is proven for another Organization now", "emails/sso_domain_lost.txt")


def _tell(domain: SsoDomain, subject: str, template: str) -> None:
    if not settings.HAS_MAIL:
        return
    owners = OrganizationRoleBinding.objects.filter(
        organization_id=domain.organization_id,
        role=Role.ORGANIZATION_OWNER,
        user__isnull=False,
    )
    to = list(owners.values_list("user__email", flat=True)[:50])
    words = {
        "domain": domain,
        "record": dns_records.name_of(domain.domain),
        "value": dns_records.value_of(domain.txt_token),
        "base_url": settings.BASE_URL,
    }
    text = render_to_string(template, words)
    transaction.on_commit(lambda: _send(subject, text, to))


def _send(subject: str, text: str, to: list[str]) -> None:
    """One message to each, so that none reads whom else it went to."""
    try:
        for address in to:
            send_mail(f"{subject} (Astro UI)", text, None, [address])
    except OSError:  # SMTPException is one
        logger.exception("The mail server did not take a message about a domain")
