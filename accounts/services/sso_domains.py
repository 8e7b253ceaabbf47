"""E-mail domains of an Organization: claimed, proven by DNS, looked at again, given up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from access.actions import action
from access.actor import Actor, system
from access.permissions import Permission
from access.policy import require
from accounts import domain_names
from accounts.models import Organization, SsoDomain
from accounts.sso import dns_records, notices
from accounts.sso.dns_records import Answer, Found
from web.errors import Conflict, DomainError, InvalidInput

MOST_DOMAINS = 100
PROVEN_EVERY = timedelta(hours=12)
NEW_EVERY = timedelta(minutes=10)
NEW_FOR = timedelta(hours=72)
_AT_ONCE, _OF_ONE_ORGANIZATION, _LANES = 200, 20, 50


@action(Permission.ORGANIZATION_DOMAINS_UPDATE, creates=True)
def claim_domain(organization: Organization, *, domain: str, actor: Actor) -> SsoDomain:
    """Say that a domain is the Organization's; it counts once its DNS record is found.

    Raises InvalidInput, naming the field, for what is no domain, and Conflict for one that is
    claimed already and for more than a hundred.
    """
    name = _named(domain)
    there = SsoDomain.objects.filter(organization=organization)
    if there.count() >= MOST_DOMAINS:
        raise Conflict(f"An Organization claims at most {MOST_DOMAINS} domains.")
    try:
        with transaction.atomic():
            return SsoDomain.objects.create(organization=organization, domain=name)
    except IntegrityError:
        words = f"{name} is in the list already."
        raise Conflict(words, fields={"domain": words}) from None


def check_domain(domain: SsoDomain, *, actor: Actor) -> SsoDomain:
    """Ask DNS for the record now, at most 10 s, and keep what it says.

    A domain that another Organization has proven becomes this one's only where the record of
    that one is gone. A proven domain whose record is gone goes on counting, with a warning.
    """
    require(actor, Permission.ORGANIZATION_DOMAINS_UPDATE, domain)
    return _settle(domain, dns_records.look(domain.domain, domain.txt_token), actor)


def check_due(now: datetime, *, actor: Actor) -> None:
    """The same for those whose turn it is: at most 200, and of one Organization 20, those first
    that wait longest.

    Fifty name servers are asked at once, so that silent ones take 20 s of a worker together.
    """
    found = _first_in_turn(due(now))
    with ThreadPoolExecutor(_LANES) as lanes:
        answers = list(lanes.map(lambda each: dns_records.look(each.domain, each.txt_token), found))
    for domain, answer in zip(found, answers, strict=True):
        with suppress(DomainError):  # one that was given up or taken meanwhile holds up no other
            _settle(domain, answer, actor)


def _settle(domain: SsoDomain, answer: Answer, actor: Actor) -> SsoDomain:
    rival = SsoDomain.objects.proven().filter(domain=domain.domain).exclude(pk=domain.pk).first()
    if rival is not None and answer.found is Found.THERE:
        theirs = dns_records.look(rival.domain, rival.txt_token)
        if theirs.found is not Found.GONE:
            words = (
                "The record is there, but the domain is proven for another Organization, whose "
                "record is there too. Remove that one from DNS, then check again."
            )
            return note_check(domain, answer=Answer(Found.UNKNOWN, words), actor=actor)
        lose_domain(rival, actor=system("domains"))
    return note_check(domain, answer=answer, actor=actor)


@action(Permission.ORGANIZATION_DOMAINS_UPDATE)
def note_check(domain: SsoDomain, *, answer: Answer, actor: Actor) -> SsoDomain:
    """Keep what a check found."""
    now = timezone.now()
    domain.last_checked_at, domain.last_answer = now, answer.words[:500]
    if answer.found is Found.THERE:
        domain.proven_at, domain.missing_since = domain.proven_at or now, None
    elif answer.found is Found.GONE and domain.is_proven and domain.missing_since is None:
        domain.missing_since = now
        notices.record_is_missing(domain)
    _save(domain)
    return domain


@action(Permission.ORGANIZATION_DOMAINS_UPDATE)
def lose_domain(domain: SsoDomain, *, actor: Actor) -> SsoDomain:
    """It is another's now: nothing of it counts any more, and its rule ends."""
    domain.proven_at, domain.missing_since, domain.enforced_logins = None, None, []
    domain.last_answer = "Another Organization has proven this domain since."
    domain.save()
    notices.domain_is_lost(domain)
    return domain


@action(Permission.ORGANIZATION_DOMAINS_UPDATE)
def remove_domain(domain: SsoDomain, *, typed_name: str, actor: Actor) -> SsoDomain:
    """Give it up: people of it are no longer sent anywhere, and its rule ends.

    Raises InvalidInput unless the name was typed, and PermissionDenied where that ends a rule
    and the actor may not set one.
    """
    if domain.enforced_logins:
        require(actor, Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE, domain)
    if typed_name.strip().lower() != domain.domain:
        raise InvalidInput(
            "The name does not match.", fields={"confirmation": f"Type {domain.domain}"}
        )
    domain.delete()
    return domain


def due(now: datetime) -> QuerySet[SsoDomain]:
    """Those to look at: proven ones twice a day, others every ten minutes for 72 hours."""
    checked_before = Q(last_checked_at=None) | Q(last_checked_at__lte=now - NEW_EVERY)
    is_new = checked_before & Q(proven_at=None, created_at__gte=now - NEW_FOR)
    is_proven = Q(proven_at__isnull=False, last_checked_at__lte=now - PROVEN_EVERY)
    return SsoDomain.objects.filter(is_new | is_proven)


def _first_in_turn(rows: QuerySet[SsoDomain]) -> list[SsoDomain]:
    waits = F("last_checked_at").asc(nulls_first=True)
    turn = Window(RowNumber(), partition_by="organization_id", order_by=waits)
    own = rows.annotate(turn=turn).filter(turn__lte=_OF_ONE_ORGANIZATION)
    return list(own.order_by(waits)[:_AT_ONCE])


def _save(domain: SsoDomain) -> None:
    try:
        with transaction.atomic():
            domain.save()
    except IntegrityError:
        raise Conflict(
            "Another Organization has proven this domain a moment ago.",
            remedy="Remove its record from DNS, then check again.",
        ) from None


def _named(domain: str) -> str:
    name = domain_names.cleaned(domain)
    if not name:
        words = "Write what follows the @ in your addresses, for example example.com."
        raise InvalidInput(f"This is no domain. {words}", fields={"domain": words})
    return name
