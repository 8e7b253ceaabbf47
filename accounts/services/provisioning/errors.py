"""Why an identity provider is refused, in words that its administrator can act on."""

from __future__ import annotations

from django.db import IntegrityError

from web.errors import Conflict, DomainError, InvalidInput

_TAKEN = {
    "scim_user_name_once": "Another user of this Organization has this userName.",
    "scim_user_external_id_once": "Another user of this Organization has this externalId.",
    "scim_user_account_once": "Another SCIM user of this Organization has this e-mail address.",
    "scim_group_external_id_once": "Another group of this Organization has this externalId.",
    "team_name_once_in_organization": "A Team of this Organization has this displayName.",
    "user_email_once_in_any_case": "Another account has this e-mail address.",
    "accounts_user_email_key": "Another account has this e-mail address.",
}


class Taken(Conflict):
    """What must be unique is another's (RFC 7644, section 3.12: `uniqueness`)."""

    title = "This is taken"


class UnknownMember(InvalidInput):
    """Somebody who cannot be a member of a group."""


class ScimOff(DomainError):
    status = 403
    title = "SCIM is switched off"


def taken(error: IntegrityError) -> Taken | None:
    """The refusal that a broken rule of uniqueness means; None for any other fault."""
    cause = getattr(error.__cause__, "diag", None)
    words = _TAKEN.get(getattr(cause, "constraint_name", None) or "")
    if words is None:
        return None
    return Taken(words, remedy="Look the existing one up and change that, or choose another value.")
