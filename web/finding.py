"""What a check found of one part, with the remedy where something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    check: str
    verdict: Verdict
    detail: str
    remedy: str = ""


def ok(check: str, detail: str) -> Finding:
    return Finding(check, Verdict.OK, detail)


def warning(check: str, detail: str, remedy: str) -> Finding:
    return Finding(check, Verdict.WARNING, detail, remedy)


def problem(check: str, detail: str, remedy: str) -> Finding:
    return Finding(check, Verdict.PROBLEM, detail, remedy)
