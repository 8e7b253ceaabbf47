"""The long run goes on where it ended, in the order of its seed, and tells what failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import full
from tests.faults.cells import FAULTS, LOCAL_FAULTS, STEPS, Cell, matrix
from tests.faults.full import Book
from tests.faults.rounds import Result


def kept(cell: Cell) -> Result:
    return Result(cell, is_kept=True, detail="as wished", seconds=1.0)


def test_every_fault_meets_every_step() -> None:
    cells = list(matrix())

    steps = sum(map(len, STEPS.values()))
    assert (len(FAULTS), len(LOCAL_FAULTS), steps) == (26, 10, 18)
    assert len(cells) == len(set(cells)) == 26 * 18 - 10 * 6


def test_a_seed_decides_the_order(tmp_path: Path) -> None:
    one, same, other = (Book(tmp_path / str(n), seed=seed) for n, seed in enumerate((7, 7, 8)))

    assert one.order == same.order != other.order
    assert set(one.order) == set(matrix())


def test_it_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "faults.jsonl"
    book = Book(path, seed=7)
    book.add(kept(book.order[0]))

    again = Book(path, seed=None)

    assert (again.seed, again.order) == (7, book.order)
    assert again.results == book.results
    with pytest.raises(SystemExit, match="begun with seed 7"):
        Book(path, seed=8)


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_failed_cell_is_named_and_fails_the_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_kept: bool,
) -> None:
    cell = Cell("kill web", "wake", "fetch-deploy")
    result = Result(cell, is_kept=is_kept, detail="two trees", seconds=2.0)
    monkeypatch.setenv("ASTRO_UI_DATA", str(tmp_path))
    monkeypatch.setattr(full, "_run", lambda work, **_: [result for one in work if one == [cell]])

    code = full.main(["--full", "--seed", "7", "--only", str(cell)])

    said = capsys.readouterr().out
    assert "seed 7; 0 of 408 cells are done" in said
    assert code == (0 if is_kept else 1)
    assert ("FAILED kill web / wake / fetch-deploy: two trees\n" in said + "\n") != is_kept


def test_what_failed_is_tried_again_only_when_asked_for(tmp_path: Path) -> None:
    book = Book(tmp_path / "faults.jsonl", seed=7)
    good, bad, *others = book.order
    book.add(kept(good))
    book.add(Result(bad, is_kept=False, detail="two trees", seconds=1.0))

    assert book.todo(again=False) == others
    assert book.todo(again=True) == [bad, *others]

    book.add(kept(bad))
    assert Book(tmp_path / "faults.jsonl", seed=None).todo(again=True) == others


def test_side_by_side_are_cells_of_one_fault_or_of_single_deployments() -> None:
    web = [Cell("kill web", "wake", step) for step in STEPS["wake"]]
    single = [Cell(fault, "delete", "stop-components") for fault in LOCAL_FAULTS[:2]]

    made = full.batches([web[0], single[0], *web[1:], single[1]], beside=3)

    assert made == [web[:3], single, web[3:]]
