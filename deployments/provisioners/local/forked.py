"""A forked child becomes another program without executing one, and shares what its parent loaded.

Standard library only: this runs inside Airflow's environments too. Who forks has one thread.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NoReturn, TextIO


@contextmanager
def loading() -> Iterator[None]:
    """In the parent, around all that it loads: used pages stay shared, others are returned."""
    with suppress(ImportError):
        # Without this early look a title set after the fork shows nowhere
        importlib.import_module("setproctitle").getproctitle()
    yield
    gc.collect()
    gc.freeze()
    with suppress(AttributeError):  # not in every C library
        ctypes.CDLL(None).malloc_trim(0)


def run(main: Callable[[], object], *, environment: Mapping[str, str], title: str) -> NoReturn:
    """In the child: call `main` as a fresh process with this environment, and end with it.

    `ps` shows `title` where the package setproctitle is installed.
    """
    code = 1
    try:
        _forget_parent(environment)
        _entitle(title)
        main()
        code = 0
    except SystemExit as end:
        code = _status(end)
    except BaseException:  # noqa: BLE001 - whatever it is, it must not climb into the parent's code
        traceback.print_exc()
    finally:
        _end(code)


def _forget_parent(environment: Mapping[str, str]) -> None:
    """Nothing of the parent's environment, signal handlers or chance may be seen here."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.environ.clear()
    os.environ.update(environment)
    random.seed()
    paths = [path for path in environment.get("PYTHONPATH", "").split(":") if path]
    sys.path[:] = [*paths, *(path for path in sys.path if path not in paths)]
    sys.stdout = _opened(1, errors="surrogateescape")
    sys.stderr = _opened(2, errors="backslashreplace")


def _opened(descriptor: int, *, errors: str) -> TextIO:
    """Anew: the parent's object remembers what the descriptor was there, say that it can seek."""
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors=errors, closefd=False)


def _entitle(title: str) -> None:
    """Show what this process is, where `ps` would show the parent's command."""
    with suppress(ImportError):
        importlib.import_module("setproctitle").setproctitle(title)


def _status(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1


def _end(code: int) -> NoReturn:
    """What the interpreter would do at its end, without unwinding into the parent's code."""
    with suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
    with suppress(BaseException):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BaseException):
            stream.flush()
    os._exit(code)
