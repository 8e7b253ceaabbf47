"""Networks are read as people write them, and a line that is none is named."""

from __future__ import annotations

import pytest

from accounts import ip_access, ip_ranges
from accounts.ip_ranges import Range, parse
from web.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("203.0.113.0/24\nnonsense", "Line 2: nonsense is not an address or network."),
        ("203.0.113.7/24", "Line 1: 203.0.113.7/24 is no network. Did you mean 203.0.113.0/24?"),
        ("::ffff:203.0.113.0/120", "Line 1: write IPv4 networks as such, as 192.0.2.0/24."),
        ("203.0.113.0/33", "Line 1: 203.0.113.0/33 is not an address or network."),
        ("203.0.113.0/24 " + "x" * 101, "Line 1: a note has at most 100 characters."),
        ("\n".join(f"10.0.{n}.0/24" for n in range(201)), "At most 200 networks; these are 201."),
    ],
)
def test_a_line_that_is_no_network_is_named(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(text)

    assert refused.value.fields == {"ranges": fault}


def test_lines_are_read_as_people_write_them() -> None:
    text = (
        "  203.0.113.0/24   # Office Berlin\n\n2001:DB8:0012::/48\n203.0.113.9\n203.0.113.9 twice"
    )

    assert parse(text) == [
        Range("203.0.113.0/24", "Office Berlin"), Range("2001:db8:12::/48"),
        Range("203.0.113.9/32"),
    ]  # fmt: skip


def test_notes_do_not_make_another_list() -> None:
    assert ip_ranges.named([Range("10.0.0.0/8", "a")]) == ip_ranges.named([Range("10.0.0.0/8")])


def test_what_is_no_address_lies_in_no_network() -> None:
    assert not ip_access.holds(["0.0.0.0/0", "::/0"], "nowhere")
