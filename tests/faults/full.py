"""`./console test --full`: the whole matrix on real Airflow, in an order that the seed decides.

Cells of one fault are struck side by side, each with an Airflow of its own (about 0.7 GB); so are
all whose fault befalls one Deployment only. Each result is kept in `faults.jsonl` in the data
directory, and the next call goes on from there. Prints a table; exits 1 when a cell failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp

from astro_ui.up.site import data_directory
from tests.faults.cells import FAULTS, Cell, is_local, matrix
from tests.faults.consoles import AIRFLOW, STANDIN, airflow_console, standin_console
from tests.faults.rounds import Result, Rounds
from tests.faults.world import World

FILE = "faults.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    book = Book(data_directory() / FILE, seed=options.seed)
    print(f"seed {book.seed}; {len(book.results)} of {len(book.order)} cells are done")
    todo = [cell for cell in book.todo(again=options.again) if options.only in str(cell)]
    work = batches(todo[: options.most], beside=options.beside)
    end = time.monotonic() + options.minutes * 60
    for result in _run(work, seed=book.seed, end=end, is_standin=options.standin):
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

    def todo(self, *, again: bool) -> list[Cell]:
        """What has no result yet; with `again`, what failed as well: its last result counts."""
        done = {cell for cell, result in self.results.items() if result.is_kept or not again}
        return [cell for cell in self.order if cell not in done]

    def add(self, result: Result) -> None:
        self.results[result.cell] = result
        self._write(asdict(result))

    def _write(self, row: dict[str, object]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(row)}\n")


def batches(cells: Sequence[Cell], *, beside: int) -> list[list[Cell]]:
    """What can be struck together, at most so many; in the order of the first of each."""
    alike: dict[str, list[Cell]] = {}
    made = []
    for cell in cells:
        fault = "" if is_local(cell.fault) else cell.fault
        batch = alike.get(fault)
        if batch is None or len(batch) == beside:
            batch = alike[fault] = []
            made.append(batch)
        batch.append(cell)
    return made


def _run(work: list[list[Cell]], *, seed: int, end: float, is_standin: bool) -> Iterator[Result]:
    """One batch after another on one console, until `end`; a new one after each failure."""
    remaining = list(work)
    while remaining and time.monotonic() < end:
        with _console(is_standin=is_standin) as world:
            rounds = Rounds(world, kind=STANDIN if is_standin else AIRFLOW, seed=seed)
            while remaining and time.monotonic() < end:
                results, again = _struck(rounds, remaining.pop(0))
                remaining[:0] = again
                yield from results
                if again or any(_is_spoilt(each) for each in results):
                    break


def _struck(rounds: Rounds, cells: list[Cell]) -> tuple[list[Result], list[list[Cell]]]:
    """The results; or, where the preparation broke, two halves for other consoles."""
    began = time.monotonic()
    try:
        results = rounds.run(cells)
    except Exception as error:  # noqa: BLE001
        # What breaks the preparation of a cell is a failed cell, not the end of a long night.
        print(f"broke  {len(cells)} cells of {cells[0]}: {error!r}", flush=True)
        if middle := len(cells) // 2:
            return [], [cells[:middle], cells[middle:]]
        return [Result(cells[0], is_kept=False, detail=f"broke: {error!r}", seconds=0)], []
    took, longest = time.monotonic() - began, max(each.seconds for each in results)
    print(f"{len(cells)} prepared in {took - longest:.0f} s, judged in {longest:.0f} s")
    return results, []


def _is_spoilt(result: Result) -> bool:
    """Need the next cells a new console after this one?"""
    return not result.is_kept or result.cell.fault.startswith("clock")


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
    parser.add_argument("--minutes", type=float, default=1e6, help="begin none after these (all)")
    parser.add_argument("--beside", type=int, default=9, help="how many cells at a time (9)")
    parser.add_argument("--again", action="store_true", help="those that failed as well")
    parser.add_argument("--standin", action="store_true", help="a light program for Airflow")
    return parser


if __name__ == "__main__":
    sys.exit(main())
