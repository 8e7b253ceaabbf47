"""Builds the Python environment of a runtime, once per machine, shared by all its Deployments."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from runtime.catalogue import RuntimeRelease

PLUGIN = Path(__file__).parent / "plugin"
"""The folder that holds the package `astro_runtime`, which every Airflow of ours loads."""

_READY = ".astro-ready"
_BYTES_NEEDED = 1_500_000_000
_REMEDIES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("no space left", "disk quota", "os error 28"),
        "The disk is full.",
        "Free at least 1.5 GB where the console keeps its data, then try again.",
    ),
    (
        ("hash mismatch", "hashes do not match", "unpinned requirement"),
        "A package differs from the one that this runtime was locked with.",
        "The package index or a mirror serves altered files: check it before you try again.",
    ),
    (
        ("failed to build", "failed building", "command 'gcc'", "error: command", "cargo"),
        "A package has no ready-made wheel for this machine and could not be compiled.",
        "Install a compiler (on Debian: build-essential) and the Python headers, "
        "or use Linux on x86_64 with Python 3.11 or 3.12.",
    ),
    (
        (
            "failed to fetch",
            "error sending request",
            "dns error",
            "connection refused",
            "network is unreachable",
            "timed out",
            "client error (connect)",
            "certificate",
        ),
        "The package index cannot be reached.",
        "Check this machine's network and proxy settings (HTTPS_PROXY, UV_INDEX_URL).",
    ),
    (
        ("no matching distribution", "no solution found", "not found in the"),
        "The package index does not have every package of this runtime.",
        "Use an index that mirrors the public one completely.",
    ),
)


class EnvironmentBuildError(Exception):
    """The environment could not be built: what happened, and what a person does next."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy


def environment_path(release: RuntimeRelease, *, python_version: str, root: Path) -> Path:
    """Where `ensure` builds: the name changes with the lock, so an upgrade never edits in place."""
    digest = hashlib.sha256(release.lock(python_version).read_bytes()).hexdigest()[:12]
    return root / f"{release.airflow_version}-py{python_version}-{digest}"


def is_built(release: RuntimeRelease, *, python_version: str, root: Path) -> bool:
    return (environment_path(release, python_version=python_version, root=root) / _READY).exists()


def ensure(
    release: RuntimeRelease, *, python: Path, root: Path, log: Callable[[str], None]
) -> Path:
    """Return the finished environment of this runtime below `root`, building it when absent.

    Two callers build once: the second waits for the first. A build that was killed leaves a
    folder that no environment is ever taken from, and which the next call removes. Every user
    can read the result and only its owner can write it. `log` receives each line of progress.
    Takes seconds from a warm cache, a minute and 0.4 GB of packages from an empty one.
    Raises EnvironmentBuildError.
    """
    version = _version_of(python)
    target = environment_path(release, python_version=version, root=root)
    if (target / _READY).exists():
        return target
    root.mkdir(mode=0o755, parents=True, exist_ok=True)
    with _locked(root / f".{target.name}.lock", log):
        if not (target / _READY).exists():
            _build(target, python=python, lock=release.lock(version), log=log)
    return target


def install_plugin(root: Path) -> Path:
    """Copy `astro_runtime` below `root`, for users who cannot read the console's own folder.

    Returns the folder for PYTHONPATH. Its name changes with its content: a running Airflow keeps
    what it started with. Safe to call from several processes at once.
    """
    sources = sorted(path for path in PLUGIN.rglob("*") if _is_source(path))
    digest = hashlib.sha256()
    for path in sources:
        digest.update(str(path.relative_to(PLUGIN)).encode() + b"\0" + path.read_bytes())
    target = root / f"plugin-{digest.hexdigest()[:12]}"
    if not target.exists():
        root.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f".{target.name}.", dir=root))
        for path in sources:
            copy = draft / path.relative_to(PLUGIN)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
            copy.chmod(0o644)
        _open_for_reading(draft)
        with suppress(OSError):  # another process was faster: the content is the same
            draft.rename(target)
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _is_source(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"


def _build(target: Path, *, python: Path, lock: Path, log: Callable[[str], None]) -> None:
    _sweep(target)
    _check_space(target.parent)
    draft = Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    interpreter = str(draft / "bin/python")
    venv = ["venv", "--no-project", "--relocatable", "--allow-existing"]
    sync = ["pip", "sync", "--no-config", "--require-hashes", "--compile-bytecode"]
    try:
        _run([_uv(), *venv, "--python", str(python), str(draft)], target, log)
        _run([_uv(), *sync, "--python", interpreter, str(lock)], target, log)
        _open_for_reading(draft)
        (draft / _READY).write_text(lock.name, encoding="utf-8")
        draft.rename(target)
    except OSError as error:
        raise _explain(str(error)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _run(command: list[str], target: Path, log: Callable[[str], None]) -> None:
    environment = {
        **os.environ,
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR") or str(_cache(target.parent)),
        "UV_LINK_MODE": "hardlink",
        "UV_PYTHON_DOWNLOADS": "never",
        "NO_COLOR": "1",
    }
    environment.pop("VIRTUAL_ENV", None)
    tail: deque[str] = deque(maxlen=60)
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            tail.append(line)
            log(line.rstrip())
    if process.returncode:
        raise _explain("".join(tail))


def _version_of(python: Path) -> str:
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", probe], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EnvironmentBuildError(
            f"{python} does not start.", "Install the Python that this runtime needs."
        ) from error
    return answer.stdout.strip()


def _uv() -> str:
    """uv is installed beside the console's own Python."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    if not found:
        raise EnvironmentBuildError("uv is not installed.", "Run `./console up` again.")
    return found


def _cache(root: Path) -> Path:
    """The person's own uv cache when hard links from it are possible, else one beside `root`."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uv"
    if home.is_dir() and home.stat().st_dev == root.stat().st_dev and os.access(home, os.W_OK):
        return home
    return root / "cache"


def _check_space(root: Path) -> None:
    if shutil.disk_usage(root).free < _BYTES_NEEDED:
        raise _explain(os.strerror(errno.ENOSPC))


def _explain(output: str) -> EnvironmentBuildError:
    lowered = output.lower()
    for signs, cause, remedy in _REMEDIES:
        if any(sign in lowered for sign in signs):
            return EnvironmentBuildError(cause, remedy)
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "no output")
    return EnvironmentBuildError(
        f"The environment could not be built: {last.strip()[:500]}",
        "Read the log of this step, then try again.",
    )


def _sweep(target: Path) -> None:
    """Remove what a killed build left; the lock is held, so nobody else uses it."""
    for leftover in target.parent.glob(f".{target.name}.*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)


def _open_for_reading(folder: Path) -> None:
    """Folders only: hard-linked files share their mode with the cache, which is readable."""
    folder.chmod(0o755)
    for path, names, _ in os.walk(folder):
        for name in names:
            Path(path, name).chmod(0o755)


@contextmanager
def _locked(path: Path, log: Callable[[str], None]) -> Iterator[None]:
    """Held by the kernel, so it ends with the process that holds it."""
    path.touch()
    path.chmod(0o600)  # a DAG that could read it could hold the lock
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log("Another Deployment builds the same environment; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
