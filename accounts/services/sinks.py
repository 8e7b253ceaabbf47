"""Where an Organization's audit log is sent on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from accounts.models import AuditSink, Organization
from accounts.sinks import channels
from accounts.sinks.channels import Line
from audit.models import Seal
from web.errors import Conflict, InvalidInput, check_text
from web.outgoing import rules
from web.outgoing.errors import AddressRefused

MOST_SINKS = 10
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253}):([0-9]{1,5})")


@action(Permission.ORGANIZATION_UPDATE, creates=True)
def create_sink(
    organization: Organization,
    *,
    kind: str,
    name: str,
    target: str,
    transport: str = "",
    header: str = "",
    secret: str = "",
    sends_all: bool = False,
    actor: Actor,
) -> AuditSink:
    """Send the log there from now on, or all of it. It leaves the console, so its author must be
    able to read it too.

    Raises InvalidInput, which names the field, and Conflict for a name that is taken and for more
    than ten.
    """
    require(actor, Permission.ORGANIZATION_AUDIT_LOGS_GET, organization)
    there = AuditSink.objects.filter(organization=organization)
    if there.count() >= MOST_SINKS:
        raise Conflict(f"An Organization has at most {MOST_SINKS} sinks.")
    sink = AuditSink(organization=organization, kind=kind)
    if not sends_all:
        seals = Seal.objects.filter(organization_id=organization.pk).order_by("-number")
        sink.sent_through = seals.values_list("number", flat=True).first() or 0
    _fill(sink, name=name, target=target, transport=transport, header=header)
    sink.secret = secret
    sink.save(force_insert=True)
    return sink


@action(Permission.ORGANIZATION_UPDATE)
def change_sink(
    sink: AuditSink,
    *,
    name: str,
    target: str,
    transport: str = "",
    header: str = "",
    secret: str = "",
    is_on: bool,
    actor: Actor,
) -> AuditSink:
    """Change it; it goes on behind the last row that was taken, at once. An empty secret keeps
    the one that there is, but never for another address: whoever may change the address must not
    have the secret sent to it. Raises as `create_sink`."""
    require(actor, Permission.ORGANIZATION_AUDIT_LOGS_GET, sink.organization)
    moved = target.strip() != sink.target or header.strip() != sink.header
    if moved and sink.secret and not secret and header.strip():
        raise InvalidInput(
            "The secret is not sent to another address.",
            fields={"secret": "Give it again: address or header changed."},
        )
    _fill(sink, name=name, target=target, transport=transport, header=header)
    sink.secret = (secret or sink.secret) if sink.header else ""
    sink.is_on = is_on
    sink.failures, sink.fault, sink.next_try_at = 0, "", None
    sink.save()
    return sink


@action(Permission.ORGANIZATION_UPDATE)
def remove_sink(sink: AuditSink, *, typed_name: str, actor: Actor) -> AuditSink:
    """Send nothing there any more, after its name was typed. What was sent stays where it is.

    Raises InvalidInput for another name: what it had not taken yet, it never gets.
    """
    if typed_name.strip() != sink.name:
        raise InvalidInput("Not the same name.", fields={"confirmation": f"Type {sink.name}"})
    sink.delete()
    return sink


@action(Permission.ORGANIZATION_UPDATE)
def try_sink(sink: AuditSink, *, actor: Actor) -> AuditSink:
    """Send one line that says it is a test. Raises NotTaken, NoAnswer or AddressRefused."""
    facts = {
        "id": 0, "at": timezone.now().isoformat(), "organizationId": sink.organization_id,
        "actorLabel": actor.principal.label, "action": "accounts.try_sink", "outcome": "DONE",
        "isTest": True,
    }  # fmt: skip
    channels.send(sink, [Line(facts, json.dumps(facts).encode() + b"\n")])
    return sink


def _fill(sink: AuditSink, *, name: str, target: str, transport: str, header: str) -> None:
    check_text("name", name, least=1, most=50)
    sink.name, sink.target, sink.header = name.strip(), target.strip(), header.strip()
    sink.transport = transport if sink.kind == AuditSink.Kind.SYSLOG else ""
    if sink.kind != AuditSink.Kind.HTTP:
        sink.header = ""
    others = AuditSink.objects.filter(organization=sink.organization, name__iexact=sink.name)
    if others.exclude(pk=sink.pk).exists():
        raise Conflict("Another sink has this name.")
    _CHECKS[sink.kind](sink)


def _check_file(sink: AuditSink) -> None:
    if settings.AUDIT_SINK_DIR is None:
        raise _refused("target", "The operator allows no files on this console.")
    if not _FILE_NAME.fullmatch(sink.target):
        raise _refused("target", "Letters, digits, dot, dash and underscore; no folder.")


def _check_syslog(sink: AuditSink) -> None:
    found = _HOST.fullmatch(sink.target)
    if not found or not 1 <= int(found[2]) <= 65_535:
        raise _refused("target", "Write host and port: logs.example.com:6514.")
    if sink.transport not in AuditSink.Transport.values:
        raise _refused("transport", "Choose TLS, TCP or UDP.")


def _check_http(sink: AuditSink) -> None:
    try:
        rules.checked(sink.target)
    except AddressRefused as refusal:
        raise _refused("target", refusal.cause) from None
    if sink.header and not _HEADER.fullmatch(sink.header):
        raise _refused("header", "The name of a header, as Authorization.")


def _refused(field: str, words: str) -> InvalidInput:
    return InvalidInput(words, fields={field: words})


_CHECKS: dict[str, Callable[[AuditSink], None]] = {
    AuditSink.Kind.FILE: _check_file,
    AuditSink.Kind.SYSLOG: _check_syslog,
    AuditSink.Kind.HTTP: _check_http,
}
