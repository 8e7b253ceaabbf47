"""A provider's answer: what it says, once it is proven to be its own, for us, and of now.

Source: SAML 2.0 Profiles, sections 4.1.4.2 to 4.1.4.5; Core, sections 2.4, 2.5 and 2.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from accounts.sso.saml import document, signature
from accounts.sso.saml.document import refused
from accounts.sso.saml.names import BEARER, REASONS, SUCCESS, a, p
from accounts.sso.saml.trust import SKEW, Trust

_CLOCKS = (
    "Check the clocks of the identity provider and of this console: a minute apart is allowed."
)
LONGEST_VALUE = 1_000
MOST_VALUES = 1_000


@dataclass(frozen=True)
class Assertion:
    id: str
    name_id: str
    name_format: str
    session_index: str
    in_response_to: str
    """The id of the request that it answers; empty where nobody asked."""
    expires_at: datetime
    """From then on nobody takes it any more."""
    attributes: Mapping[str, tuple[str, ...]]


def verify(encoded: str, trust: Trust, *, now: datetime) -> Assertion:
    """Raises SignInRefused with the first thing that is wrong."""
    root = document.read(encoded)
    _check_status(root, trust, now)
    assertion = document.check_response(root)
    _check_signed(root, assertion, trust, now)
    _check_whose(root, assertion, trust)
    _check_for_us(root, assertion, trust)
    _check_conditions_time(assertion, now)
    confirmation = _confirmation(root, assertion, trust, now)
    return Assertion(
        id=str(assertion.get("ID")),
        **_subject(assertion),
        session_index=_session_index(assertion, now),
        in_response_to=confirmation.get("InResponseTo") or "",
        expires_at=moment(confirmation.get("NotOnOrAfter")) + SKEW,
        attributes=_attributes(assertion),
    )


def _check_status(root: etree._Element, trust: Trust, now: datetime) -> None:
    """What a provider says in words of its own is shown where it signed them; most sign none of
    an answer without an assertion, and anybody could have written it."""
    code = root.find(f"{p('Status')}/{p('StatusCode')}")
    if code is None or code.get("Value") == SUCCESS:
        return
    inner = code.find(p("StatusCode"))
    last = (inner if inner is not None else code).get("Value") or ""
    words = last.rpartition(":")[2] if last in REASONS else "it gave no reason"
    if signature.check(root, trust.certificates, now=now):
        words = root.findtext(f"{p('Status')}/{p('StatusMessage')}") or words
    raise refused(
        "refused_by_provider",
        f"The identity provider did not sign you in: {words[:200]}",
        remedy="Try again, or ask whoever looks after it whether you may use this console.",
    )


def _check_signed(
    root: etree._Element, assertion: etree._Element, trust: Trust, now: datetime
) -> None:
    """One of the two must be signed, and whatever is signed must hold."""
    signed = [signature.check(each, trust.certificates, now=now) for each in (root, assertion)]
    if not any(signed):
        raise refused(
            "unsigned",
            "Neither the answer nor its assertion is signed.",
            remedy="Have the identity provider sign assertions.",
        )


def _check_whose(root: etree._Element, assertion: etree._Element, trust: Trust) -> None:
    issuers = [each.findtext(a("Issuer")) for each in (assertion, root)]
    if root.find(a("Issuer")) is None:
        issuers = issuers[:1]
    for issuer in issuers:
        if (issuer or "").strip() != trust.idp_entity_id:
            raise refused(
                "wrong_issuer",
                f"The answer is by {(issuer or 'nobody').strip()[:200]}, which is not the "
                "connection's identity provider.",
                remedy="Check the identity provider's entity ID in the connection's settings.",
            )


def _check_for_us(root: etree._Element, assertion: etree._Element, trust: Trust) -> None:
    destination = root.get("Destination")
    if destination is not None and destination != trust.acs_url:
        raise refused(
            "wrong_destination",
            "The answer is meant for another address than this one.",
            remedy=f"Check the ACS URL at the identity provider: {trust.acs_url}",
        )
    restrictions = assertion.findall(f"{a('Conditions')}/{a('AudienceRestriction')}")
    for each in restrictions:
        named = {(one.text or "").strip() for one in each.findall(a("Audience"))}
        if trust.sp_entity_id not in named:
            restrictions = []
            break
    if not restrictions:
        raise refused(
            "wrong_audience",
            "The assertion is not meant for this console.",
            remedy=f"Check the entity ID (audience) at the identity provider: {trust.sp_entity_id}",
        )


def _check_conditions_time(assertion: etree._Element, now: datetime) -> None:
    conditions = assertion.find(a("Conditions"))
    if conditions is not None:
        _check_time(conditions, now)


def _check_time(node: etree._Element, now: datetime) -> None:
    begin, end = node.get("NotBefore"), node.get("NotOnOrAfter")
    if begin and moment(begin) - SKEW > now:
        raise refused("not_yet_valid", "The assertion is not valid yet.", remedy=_CLOCKS)
    if end and moment(end) + SKEW <= now:
        raise refused(
            "expired", "The answer came too late: its assertion has expired.", remedy=_CLOCKS
        )


def _confirmation(
    root: etree._Element, assertion: etree._Element, trust: Trust, now: datetime
) -> etree._Element:
    """What says that whoever brings it may use it, here and now."""
    for each in assertion.findall(f"{a('Subject')}/{a('SubjectConfirmation')}"):
        data = each.find(a("SubjectConfirmationData"))
        if each.get("Method") != BEARER or data is None:
            continue
        if data.get("Recipient") != trust.acs_url:
            raise refused(
                "wrong_recipient",
                "The assertion is meant for another address than this one.",
                remedy=f"Check the ACS URL at the identity provider: {trust.acs_url}",
            )
        if not data.get("NotOnOrAfter"):
            raise refused("no_end", "The assertion does not say until when it may be used.")
        _check_time(data, now)
        if (root.get("InResponseTo") or "") != (data.get("InResponseTo") or ""):
            raise refused("wrong_request", "Answer and assertion are of different requests.")
        return data
    raise refused("no_confirmation", "The assertion does not say who may use it.")


def _subject(assertion: etree._Element) -> dict[str, str]:
    node = assertion.find(f"{a('Subject')}/{a('NameID')}")
    text = "" if node is None else (node.text or "").strip()
    if not text or len(text) > LONGEST_VALUE or node is None:
        raise refused(
            "no_subject",
            "The assertion names nobody.",
            remedy="Have the identity provider send a NameID: the person's e-mail address.",
        )
    return {"name_id": text, "name_format": node.get("Format") or ""}


def _session_index(assertion: etree._Element, now: datetime) -> str:
    statement = assertion.find(a("AuthnStatement"))
    if statement is None:
        raise refused("no_sign_in", "The assertion does not say that anybody signed in.")
    end = statement.get("SessionNotOnOrAfter")
    if end and moment(end) + SKEW <= now:
        raise refused("expired", "The session at the provider has ended.", remedy=_CLOCKS)
    return (statement.get("SessionIndex") or "")[:LONGEST_VALUE]


def _attributes(assertion: etree._Element) -> dict[str, tuple[str, ...]]:
    """By name; the friendly name counts too, where no other has that name."""
    found: dict[str, list[str]] = {}
    friendly: dict[str, list[str]] = {}
    for node in assertion.iterfind(f"{a('AttributeStatement')}/{a('Attribute')}"):
        said = ("".join(each.itertext()).strip() for each in node.iterfind(a("AttributeValue")))
        values = [value[:LONGEST_VALUE] for value in said if value]
        found.setdefault(str(node.get("Name")), []).extend(values)
        if node.get("FriendlyName"):
            friendly.setdefault(str(node.get("FriendlyName")), []).extend(values)
    return {name: tuple(each[:MOST_VALUES]) for name, each in (friendly | found).items()}


def moment(text: str | None) -> datetime:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        raise refused("bad_time", "A time in the assertion cannot be read.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
