"""Files of the console, of another Deployment, and those that others run or trust."""

from __future__ import annotations

import fcntl
from pathlib import Path

from . import attempt


@attempt("private_files")
def read_a_file(path: str) -> None:
    with Path(path).open("rb") as file:
        file.read(1)


@attempt("locks")
def hold_a_lock_for_ever(path: str) -> None:
    with Path(path).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@attempt("private_folders")
def list_a_folder(path: str) -> None:
    list(Path(path).iterdir())


@attempt("shared_folders")
def write_where_others_run_code(folder: str) -> None:
    _write_in(Path(folder))


@attempt("own_read_only")
def write_what_the_agent_trusts(path: str) -> None:
    if Path(path).is_dir():
        _write_in(Path(path))
    else:
        Path(path).open("ab").close()


@attempt("own_read_only")
def make_it_writable(path: str) -> None:
    Path(path).chmod(Path(path).stat().st_mode)


def _write_in(folder: Path) -> None:
    probe = folder / "astro_ui_attack.pth"
    probe.touch()
    probe.unlink()
