"""From what a SAML provider says to what the console asks for."""

from __future__ import annotations

import json

from accounts.models import SsoConnection
from accounts.sso.claims import Claims
from accounts.sso.saml.answer import Assertion
from accounts.sso.saml.names import TRANSIENT

_LONGEST = 500
_MOST_GROUPS = 1_000


def claims(connection: SsoConnection, said: Assertion) -> Claims:
    """The address is that of the attribute, or the NameID where it is one.

    A NameID that changes at each sign-in names nobody: the address stands for the person then.
    """
    email = _first(said, connection.email_attribute) or _address(said.name_id)
    is_lasting = said.name_format != TRANSIENT
    return Claims(
        subject=said.name_id[:_LONGEST] if is_lasting else f"email:{email.lower()}",
        email=email,
        first_name=_first(said, connection.first_name_attribute),
        last_name=_first(said, connection.last_name_attribute),
        name=_first(said, connection.name_attribute),
        groups=tuple(each[:200] for each in said.attributes.get(connection.groups_attribute, ()))[
            :_MOST_GROUPS
        ],
        session_hint=json.dumps([said.name_id, said.name_format, said.session_index]),
        raw={"NameID": said.name_id, "NameID format": said.name_format}
        | {name: ", ".join(values) for name, values in said.attributes.items()},
    )


def _first(said: Assertion, name: str) -> str:
    values = said.attributes.get(name) or ("",)
    return values[0][:_LONGEST]


def _address(name_id: str) -> str:
    return name_id if name_id.count("@") == 1 else ""
