"""Whatever is done to the book behind its back is found, and where."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from audit import heads, sealing
from audit.lines import COLUMNS
from audit.models import AuditRecord
from audit.verify import verify
from tests.audit.rows import written
from tests.audit.tampering import tamper

EDIT = "UPDATE audit_auditrecord SET {} = {} WHERE id = %(id)s"
Book = list[AuditRecord]


def only_finding() -> str:
    (finding,) = verify().findings
    return finding


def test_an_untouched_book_is_sound(book: Book) -> None:
    written("not yet sealed")

    report = verify()

    assert (report.findings, report.remarks) == ([], [])
    assert (report.rows, report.seals, report.chains, report.waiting) == (8, 5, 3, 1)


def test_an_edited_row_is_named_with_the_moment_of_its_seal(book: Book) -> None:
    tamper("UPDATE audit_auditrecord SET actor_label = 'mia' WHERE id = %(id)s", id=book[3].pk)

    finding = only_finding()

    assert finding.startswith(f"Organization acme: row {book[3].pk}, sealed at 2")
    assert finding.endswith("was changed.")


def test_no_column_can_be_edited_unseen(book: Book) -> None:
    other = "'x'"
    changes = {"at": "at + interval '1 microsecond'", "before": "'[0]'", "after": "'[0]'"}
    for column in set(COLUMNS) - {"id"}:
        with transaction.atomic():
            value = changes.get(column, other)
            tamper(EDIT.format(column, value), id=book[1].pk)
            assert only_finding().endswith("was changed."), column
            transaction.set_rollback(True)


def test_a_removed_row_is_named(book: Book) -> None:
    tamper("DELETE FROM audit_auditrecord WHERE id = %(id)s", id=book[2].pk)

    assert f"row {book[2].pk}, sealed at" in only_finding()
    assert only_finding().endswith("was removed.")


def test_a_row_that_was_removed_before_its_seal_is_missed(book: Book) -> None:
    row = written("soon gone")
    tamper("DELETE FROM audit_auditrecord WHERE id = %(id)s", id=row.pk)
    sealing.seal_all()

    assert only_finding().endswith("was removed before that.")


def test_reordered_rows_are_found(book: Book) -> None:
    swapped = f"{{{book[1].pk},{book[0].pk}}}"
    tamper(
        "UPDATE audit_seal SET record_ids = %(ids)s,"
        " digests = substr(digests, 33) || substr(digests, 1, 32)"
        " WHERE organization_id = 'acme' AND number = 1",
        ids=swapped,
    )

    assert "seal 1 of" in only_finding()
    assert "does not follow from the one before" in only_finding()


def test_seals_that_changed_places_are_found(book: Book) -> None:
    tamper(
        "UPDATE audit_seal SET number = 9 WHERE organization_id = 'acme' AND number = 1",
        "UPDATE audit_seal SET number = 1 WHERE organization_id = 'acme' AND number = 2",
        "UPDATE audit_seal SET number = 2 WHERE number = 9",
    )

    assert "seal 1 is missing, before the one of" in verify().findings[0]


def test_a_row_put_in_between_has_no_seal(book: Book) -> None:
    row = written("forged")
    tamper(
        "UPDATE audit_auditrecord SET id = -1 WHERE id = %(id)s",
        "DELETE FROM audit_unsealed WHERE record_id = %(id)s",
        id=row.pk,
    )

    assert only_finding() == "Row -1 has no seal and does not wait for one."


def test_a_row_put_into_an_old_seal_is_found(book: Book) -> None:
    row = written("forged")
    tamper(
        "DELETE FROM audit_unsealed",
        "UPDATE audit_seal SET record_ids = record_ids || %(id)s::bigint,"
        " digests = digests || substr(digests, 1, 32)"
        " WHERE organization_id = 'acme' AND number = 1",
        id=row.pk,
    )

    assert "seal 1 of" in verify().findings[0]


def test_a_row_dated_before_its_predecessors_is_pointed_out(book: Book) -> None:
    row = written("late", at=timezone.now() - timedelta(hours=2))
    sealing.seal_all()

    (remark,) = verify().remarks
    assert f"row {row.pk}" in remark
    assert "dated long before" in remark


def test_a_missing_seal_is_found(book: Book) -> None:
    tamper("DELETE FROM audit_seal WHERE organization_id = 'acme' AND number = 2")

    assert "Organization acme: seal 2 is missing, before the one of" in verify().findings[0]


def test_an_end_cut_off_is_found_by_what_was_published(book: Book) -> None:
    tamper(
        "DELETE FROM audit_auditrecord WHERE organization_id = 'acme' AND id > %(id)s",
        "DELETE FROM audit_seal WHERE organization_id = 'acme' AND number > 1",
        id=book[1].pk,
    )

    assert "the chain ends at seal 1, but seal 3 was published at" in only_finding()


def test_a_chain_that_is_gone_as_a_whole_is_found(book: Book) -> None:
    tamper(
        "DELETE FROM audit_auditrecord WHERE organization_id = 'umbrella'",
        "DELETE FROM audit_seal WHERE organization_id = 'umbrella'",
    )

    assert only_finding().startswith("Organization umbrella: the chain ends at seal 0")


def test_a_chain_made_anew_is_found_behind_a_published_head(book: Book) -> None:
    """By the best forger there is: with the console's own code, but without its key."""
    tamper(
        "UPDATE audit_auditrecord SET actor_label = 'mia' WHERE id = %(id)s",
        "DELETE FROM audit_seal WHERE organization_id = 'acme'",
        "INSERT INTO audit_unsealed SELECT id FROM audit_auditrecord"
        " WHERE organization_id = 'acme'",
        id=book[0].pk,
    )
    for _ in range(3):
        sealing.seal(2)

    assert "seal 3 is not the one published at" in verify().findings[-1]


def test_a_changed_line_of_published_heads_is_found(book: Book, heads_file: Path) -> None:
    first, *others = heads_file.read_text().splitlines(keepends=True)
    heads_file.write_text("".join([first.replace('"at":"2', '"at":"1'), *others]))

    findings = " ".join(verify().findings)

    assert "Line 2 of the published heads does not follow" in findings
    assert "are not signed by this console" in findings


def test_heads_signed_by_somebody_else_count_for_nothing(book: Book, heads_file: Path) -> None:
    *others, last = heads_file.read_text().splitlines(keepends=True)
    facts = json.loads(last)
    facts["heads"]["acme"][2] = "00" * 32
    heads_file.write_text("".join([*others, json.dumps(facts) + "\n"]))

    assert "are not signed by this console" in " ".join(verify().findings)


def test_a_line_that_a_crash_cut_off_is_no_fault(book: Book, heads_file: Path) -> None:
    with heads_file.open("ab") as file:
        file.write(b'{"at":"2026-')
    assert verify().remarks == ["Line 4 of the published heads was cut off."]
    written("after the crash")
    sealing.seal_all()
    heads.publish()

    report = verify()

    assert (report.findings, report.published.lines) == ([], 5)
    assert report.remarks == ["Line 4 of the published heads was cut off."]


@pytest.mark.usefixtures("book")
def test_only_heads_that_grew_are_published_again(heads_file: Path) -> None:
    assert heads.publish() == 0
    written("one more", organization="umbrella")
    sealing.seal_all()

    assert heads.publish() == 1
    lines = [json.loads(line) for line in heads_file.read_text().splitlines()]
    assert [sorted(line["heads"]) for line in lines] == [
        ["acme"], ["acme", "umbrella"], ["", "acme"], ["umbrella"],
    ]  # fmt: skip
    assert heads_file.stat().st_mode & 0o777 == 0o600


def test_the_command_says_what_it_saw_and_ends_with_1(
    book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("audit", "verify")
    assert "8 rows in 5 seals of 3 chains; 0 wait" in capsys.readouterr().out
    tamper("DELETE FROM audit_auditrecord WHERE id = %(id)s", id=book[0].pk)

    with pytest.raises(CommandError) as ended:
        call_command("audit", "verify", "--json")

    assert ended.value.returncode == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["sound"], len(told["findings"])) == (False, 1)
    call_command("audit", "verify", "--organization", "umbrella")
