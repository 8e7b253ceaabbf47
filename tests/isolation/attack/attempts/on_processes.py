"""Processes of the console and of others, and what a fork may have left in one's own."""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Iterator
from pathlib import Path

from . import TARGETS, RefusedError, attempt

PTRACE_ATTACH, PTRACE_DETACH, PR_GET_NO_NEW_PRIVS = 16, 17, 39
WAIT_FOR_ALL = 0x40000000
ENOUGH = 5000


@attempt("foreign_processes")
def read_an_environment(pid: int) -> None:
    Path(f"/proc/{pid}/environ").read_bytes()


@attempt("foreign_processes")
def read_memory(pid: int) -> None:
    """By the first mapped page."""
    start = int(Path(f"/proc/{pid}/maps").read_text().split("-")[0], 16)
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        memory.seek(start)
        memory.read(16)


@attempt("foreign_processes")
def borrow_an_open_file(pid: int) -> None:
    next(Path(f"/proc/{pid}/fd").iterdir()).stat()


@attempt("foreign_processes")
def signal_it(pid: int) -> None:
    os.kill(pid, 0)


@attempt("other_components")
def trace_it(pid: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if library.ptrace(PTRACE_ATTACH, pid, None, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.waitpid(pid, WAIT_FOR_ALL)
    library.ptrace(PTRACE_DETACH, pid, None, None)


@attempt(["mine"])
def find_an_inherited_file(_: str) -> None:
    """Any open file of the console's: here, or in those of the parents that can be looked at."""
    pid, found = os.getpid(), 0
    while pid > 1:
        try:
            found += sum(map(_is_theirs, Path(f"/proc/{pid}/fd").iterdir()))
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except OSError:
            break
        pid = int(stat.rpartition(")")[2].split()[1])
    if not found:
        raise RefusedError("nothing but what is ours")


def _is_theirs(handle: Path) -> bool:
    try:
        name = str(handle.readlink())
    except FileNotFoundError:  # the handle of this very look
        return False
    return name.startswith(TARGETS["data"]) and not name.startswith(TARGETS["home"])


@attempt("secrets_reversed")
def find_a_secret_that_was_forked(backwards: str) -> None:
    """Only its first letters are ever put together here, so that they are not what is found."""
    first, rest = backwards[-10:][::-1].encode(), backwards[:-10].encode()
    for text in _own_memory():
        place = text.find(first)
        while place >= 0:
            after = text[place + len(first) :][: len(rest)]
            if after[::-1] == rest:
                return
            place = text.find(first, place + 1)
    raise RefusedError("not there")


class _Span(ctypes.Structure):
    _fields_ = (("start", ctypes.c_void_p), ("size", ctypes.c_size_t))


def _own_memory() -> Iterator[bytes]:
    """What is mapped without a file: heap, stack and all that a fork left."""
    library = ctypes.CDLL(None)
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        area, rights, _, _, inode, *_ = line.split()
        if inode != "0" or not rights.startswith("rw"):
            continue
        start, end = (int(part, 16) for part in area.split("-"))
        text = ctypes.create_string_buffer(end - start)
        here, there = _Span(ctypes.addressof(text), end - start), _Span(start, end - start)
        spans = ctypes.byref(here), 1, ctypes.byref(there), 1, 0
        if library.process_vm_readv(os.getpid(), *spans) > 0:
            yield text.raw


@attempt(["user", "programs", "processes"])
def raise_rights(what: str) -> None:
    if what == "user":
        os.setuid(0)
    elif what == "processes":
        resource.setrlimit(resource.RLIMIT_NPROC, (ENOUGH, ENOUGH))
    elif ctypes.CDLL(None).prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0):
        raise PermissionError("no program here can give more rights")
