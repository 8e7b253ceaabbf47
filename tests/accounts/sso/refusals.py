"""Why OpenID Connect signed nobody in, as the log says it to machines and to people."""

from __future__ import annotations

from accounts.models import SsoConnection
from audit.models import AuditRecord, Outcome

CAUSES: dict[str, str | tuple[str, ...]] = {
    "bad_token": "The provider's token is no signed token.",
    "code_refused": "The identity provider did not accept the sign-in at its token endpoint",
    "email_not_verified": "The identity provider says that mia@example.com is not verified.",
    "expired": "The sign-in came too late: its token has expired.",
    "incomplete_token": "The token lacks ",
    "not_yet_valid": "The token is not valid yet",
    "provider_error": ("The identity provider answered ", "The key set at "),
    "unknown_key": "The token is signed with a key that the identity provider does not publish.",
    "unreachable": "The discovery document at http://127.0.0.1:9/",
    "wrong_algorithm": "The token is signed by ",
    "wrong_audience": "The token is for another client than this console.",
    "wrong_issuer": ("The token names another issuer", "Another identity provider answered"),
    "wrong_nonce": "The token belongs to another sign-in than the one that this browser began.",
    "wrong_party": "The token was made for another client than this console.",
    "wrong_signature": "The token's signature is not by the identity provider's key.",
    "wrong_state": "This browser did not begin this sign-in, or more than ten minutes ago.",
    "wrong_subject": "The provider's user info speaks of somebody else.",
}
"""How the words begin that stand in the log, by the reason."""


def reason_of_refusal() -> str:
    """Of the one row that a refusal leaves, which says it to people too."""
    row = AuditRecord.objects.get(action="accounts.sso_sign_in")
    assert row.outcome == Outcome.REFUSED
    assert row.source_ip == "127.0.0.1"
    connection = SsoConnection.objects.get(pk=row.target_id)
    assert row.organization_id == connection.organization_id
    reason, cause = str(row.after["reason"]), str(row.after["cause"])
    assert cause.startswith(CAUSES[reason])
    return reason
