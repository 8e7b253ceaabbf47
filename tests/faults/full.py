"""`./console test --full`: the whole matrix on real Airflow, in an order that the seed decides.

Each result is kept in `faults.jsonl` in the data directory, and the next call goes on from there.
Prints a table; exits 1 when a cell failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp

from astro_ui.up.site import data_directory
from tests.faults.cells import FAULTS, Cell, matrix
from tests.faults.consoles import AIRFLOW, STANDIN, airflow_console, standin_console
from tests.faults.rounds import Result, Rounds
from tests.faults.world import World

FILE = "faults.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    book = Book(data_directory() / FILE, seed=options.seed)
    print(f"seed {book.seed}; {len(book.results)} of {len(book.order)} cells are done")
    todo = [cell for cell in book.order if options.only in str(cell) and cell not in book.results]
    for result in _run(todo[: options.most], is_standin=options.standin):
        book.add(result)
        print(
            f"{_mark(result)} {result.cell}: {result.detail} ({result.seconds:.0f} s)", flush=True
        )
    print(_table(book))
    return 1 if any(not each.is_kept for each in book.results.values()) else 0


class Book:
    """What became of each cell, kept as it comes."""

    def __init__(self, path: Path, *, seed: int | None) -> None:
        self._path = path
        rows = [json.loads(line) for line in _lines(path)]
        self.seed = int(rows[0]["seed"]) if rows else seed or random.SystemRandom().randrange(10**6)
        if seed is not None and seed != self.seed:
            sys.exit(f"{path} was begun with seed {self.seed}: remove it to begin anew.")
        if not rows:
            self._write({"seed": self.seed})
        read = [Result(**{**row, "cell": Cell(**row["cell"])}) for row in rows[1:]]
        self.results = {each.cell: each for each in read}
        self.order = list(matrix())
        random.Random(self.seed).shuffle(self.order)  # noqa: S311

    def add(self, result: Result) -> None:
        self.results[result.cell] = result
        self._write(asdict(result))

    def _write(self, row: dict[str, object]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(row)}\n")


def _run(cells: Sequence[Cell], *, is_standin: bool) -> Iterator[Result]:
    """One after another on one console; a new one after each failure."""
    remaining = list(cells)
    while remaining:
        with _console(is_standin=is_standin) as world:
            rounds = Rounds(world, kind=STANDIN if is_standin else AIRFLOW)
            while remaining:
                cell = remaining.pop(0)
                result = _one(rounds, cell)
                yield result
                if not result.is_kept or cell.fault.startswith("clock"):
                    break


def _one(rounds: Rounds, cell: Cell) -> Result:
    try:
        (result,) = rounds.run([cell])
    except Exception as error:  # noqa: BLE001
        # What breaks the preparation of a cell is a failed cell, not the end of a long night.
        return Result(cell, is_kept=False, detail=f"broke: {error!r}", seconds=0)
    return result


@contextmanager
def _console(*, is_standin: bool) -> Iterator[World]:
    folder = Path(mkdtemp(prefix="astro-faults-"))
    folder.chmod(0o711)
    try:
        with _chosen(folder / "data", is_standin=is_standin) as world:
            yield world
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _chosen(data: Path, *, is_standin: bool) -> AbstractContextManager[World]:
    if is_standin:
        return standin_console(data)
    kept = os.environ.get("ASTRO_UI_TEST_ENVIRONMENTS") or data_directory() / "faults-environments"
    Path(kept).mkdir(mode=0o711, parents=True, exist_ok=True)
    return airflow_console(data, environments=Path(kept))


def _table(book: Book) -> str:
    """A line for each fault, then each failure."""
    counts = Counter((each.cell.fault, each.is_kept) for each in book.results.values())
    wanted = Counter(cell.fault for cell in book.order)
    lines = [f"{'fault':<22} kept failed  open"]
    for fault in FAULTS:
        kept, failed = counts[fault, True], counts[fault, False]
        lines.append(f"{fault:<22} {kept:>4} {failed:>6} {wanted[fault] - kept - failed:>5}")
    failures = [each for each in book.results.values() if not each.is_kept]
    lines += [f"FAILED {each.cell}: {each.detail}" for each in failures]
    return "\n".join(lines)


def _mark(result: Result) -> str:
    return "kept  " if result.is_kept else "FAILED"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="console test --full", description=__doc__)
    parser.add_argument("--full", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help="of the order; default: by chance, then kept")
    parser.add_argument("--only", default="", help="cells whose name contains this")
    parser.add_argument("--most", type=int, help="how many cells to run now (all)")
    parser.add_argument("--standin", action="store_true", help="a light program for Airflow")
    return parser


if __name__ == "__main__":
    sys.exit(main())
