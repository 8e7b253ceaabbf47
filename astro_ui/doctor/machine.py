"""What the machine offers: Python, packages, disk, folders, users."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from astro_ui.embedded import account, postgres, redis
from astro_ui.up.site import CHECKOUT, Site
from runtime import catalogue, pythons
from web.finding import Finding, ok, problem, warning

_BYTES_NEEDED = 2 * 1024**3


def python(site: Site) -> Finding:
    return ok("Python", f"{platform.python_version()} at {sys.executable}")


def environment(site: Site) -> Finding:
    name = "Packages"
    if sys.prefix == sys.base_prefix:
        return warning(name, "not in an environment of its own", "Use ./console.")
    stamp = Path(sys.prefix) / ".astro-ui-base"
    lock = CHECKOUT / "requirements" / "base.txt"
    if not stamp.exists() or stamp.read_text() != hashlib.sha256(lock.read_bytes()).hexdigest():
        return warning(name, "not as requirements/base.txt says", "Run ./console up.")
    return ok(name, "as requirements/base.txt says")


def programs(site: Site) -> Finding:
    name = "Embedded programs"
    try:
        found = [postgres.binary("postgres")] if site.brings_postgres else []
        found += [redis.binary()] if site.brings_redis else []
    except (RuntimeError, OSError) as error:
        return problem(name, str(error), "Set DATABASE_URL and REDIS_URL to servers of yours.")
    absent = [str(path) for path in found if not os.access(path, os.X_OK)]
    if absent:
        return problem(name, f"cannot run {', '.join(absent)}", "Remove .venv, then ./console up.")
    return ok(name, ", ".join(path.name for path in found) or "none needed")


def disk(site: Site) -> Finding:
    folder = _existing(site.places.data)
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1024**3:.1f} GiB free at {folder}"
    if free < _BYTES_NEEDED:
        return problem("Disk", detail, "Free at least 2 GiB, or choose another place with --data.")
    return ok("Disk", detail)


def data_directory(site: Site) -> Finding:
    name, data = "Data directory", site.places.data
    if not os.access(_existing(data), os.W_OK | os.X_OK):
        return problem(name, f"{data} cannot be written", "Change its owner, or use --data.")
    private = [site.places.secrets, site.places.run]
    private += [data / "redis", data / "logs", data / "postgres"]
    is_open = [path for path in private if path.exists() and path.stat().st_mode & 0o066]
    if is_open:
        names = " ".join(map(str, is_open))
        return problem(name, f"others can look into {names}", f"Run chmod go-rw {names}")
    return ok(name, str(data) if data.exists() else f"{data} will be made")


def port(site: Site, *, is_up: bool) -> Finding:
    name = "Port"
    if is_up:
        # Known from the running `up` (see `site.recall`), whatever this command was asked for
        return ok(name, f"{os.environ['ASTRO_UI_INTERNAL_URL']} is the console's")
    try:
        with socket.create_server((site.host, site.port)):
            return ok(name, f"{site.port} is free")
    except OSError as error:
        return problem(name, f"{site.port}: {error.strerror}", "Choose another with --port.")


def runtimes(site: Site) -> Finding:
    name, today = "Runtimes", datetime.now(UTC).date()
    offered = [each for each in catalogue.releases() if catalogue.is_offered(each, today=today)]
    choices = {each.version: pythons.find_python(each) for each in offered}
    missing = [f"{version}: {one.reason}" for version, one in choices.items() if not one.path]
    if len(missing) == len(offered):
        return problem(name, " ".join(missing), "Install Python 3.11 or 3.12 for every user.")
    if missing:
        return warning(name, " ".join(missing), "Install that Python to offer these builds.")
    return ok(name, f"a Python for each of {', '.join(choices)}")


def isolation(site: Site) -> Finding:
    """Whether each Deployment can run as an operating-system user of its own."""
    name, data = "Isolation", site.places.data
    if os.geteuid() != 0:
        return warning(
            name,
            "all Deployments run as the console's own user; a second Organization is refused",
            "Start the console as root to give each Deployment a user of its own, or set "
            "ASTRO_UI_SHARE_UNISOLATED=true where all Organizations trust each other.",
        )
    if not account.is_passable(data / "cluster"):
        return warning(
            name,
            f"other users cannot pass the folders above {data}",
            "Keep the data elsewhere, for example ./console up --data /srv/astro-ui",
        )
    return ok(name, "each Deployment has a user of its own")


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())
