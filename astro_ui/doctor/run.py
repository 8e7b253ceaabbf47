"""All checks in order, as a table or as JSON."""

from __future__ import annotations

import argparse
import fcntl
import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from astro_ui.doctor import console, machine
from astro_ui.embedded import Places
from astro_ui.up.site import Site, data_directory, recall
from web.finding import Finding, Verdict

_WIDTH = 100


def main(arguments: list[str]) -> int:
    """Print what was found; 1 when something is a problem, else 0."""
    parser = argparse.ArgumentParser(prog="console doctor")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=8000, type=int, help="the port that `up` will use")
    options = parser.parse_args(arguments)
    data = data_directory()
    recall(data)
    site = Site(Places(data), options.host, options.port)
    findings = list(examine(site, is_up=is_up(data)))
    print(json.dumps([asdict(one) for one in findings]) if options.json else _table(findings))
    return 1 if any(one.verdict is Verdict.PROBLEM for one in findings) else 0


def examine(site: Site, *, is_up: bool) -> Iterator[Finding]:
    yield machine.python(site)
    yield machine.environment(site)
    yield machine.programs(site)
    yield machine.disk(site)
    yield machine.data_directory(site)
    yield machine.port(site, is_up=is_up)
    yield console.settings(site)
    yield console.database(site, is_up=is_up)
    yield console.migrations(site, is_up=is_up)
    yield console.queue(site, is_up=is_up)
    yield console.agent(site, is_up=is_up)
    yield console.orphans(site, is_up=is_up)
    yield console.mail(site)
    yield machine.runtimes(site)
    yield machine.isolation(site)


def is_up(data: Path) -> bool:
    """Does a `./console up` hold this data directory?"""
    path = data / "run" / "up.lock"
    if not path.exists():
        return False
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _table(findings: list[Finding]) -> str:
    return "\n".join(line for one in findings for line in _lines(one))


def _lines(one: Finding) -> Iterator[str]:
    head = f"{one.verdict:<8} {one.check:<18} "
    indent = " " * len(head)
    yield textwrap.fill(one.detail, _WIDTH, initial_indent=head, subsequent_indent=indent)
    if one.remedy:
        yield textwrap.fill(
            f"→ {one.remedy}", _WIDTH, initial_indent=indent, subsequent_indent=indent
        )
