"""Why nothing went out, or nothing came back, in words for whoever gave the address."""

from __future__ import annotations

from web.errors import DomainError, InvalidInput


class AddressRefused(InvalidInput):
    """The operator's rules do not let the console speak to this address.

    One wording for a host that has no address and for one whose address is inside: else a tenant
    could ask which names exist in the operator's own network.
    """

    title = "The console may not send there"


class NoAnswer(DomainError):
    """The address may be spoken to, but did not answer as it should; trying again may help."""

    status = 502
    title = "The other side did not answer"


def unreachable(host: str) -> AddressRefused:
    return AddressRefused(
        f"{host} has no address that this console may send to.",
        remedy="Use a public address, or ask whoever runs this console to allow the network that "
        "it is in (ASTRO_UI_OUTGOING_NETWORKS).",
    )


def too_slow(seconds: float) -> NoAnswer:
    return NoAnswer(f"It was not finished within {seconds:g} s.")
