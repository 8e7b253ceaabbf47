"""One figure of a benchmark, and whether it is what we promise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Metric:
    """A measured value; smaller is better.

    `limit` bounds the value, `ratio_limit` the value over the reference of the same run. A
    figure with neither is only reported.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    reference_name: str = ""
    limit: float | None = None
    ratio_limit: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    @property
    def holds(self) -> bool:
        within = self.limit is None or self.value <= self.limit
        if self.ratio_limit is None:
            return within
        return within and self.ratio is not None and self.ratio <= self.ratio_limit

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "holds": self.holds}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Metric:
        """The inverse of `as_json`."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


def table(metrics: list[Metric]) -> str:
    """The figures as a Markdown table, as `docs/benchmarks.md` keeps them."""
    lines = ["| metric | value | reference | ratio | limit | holds |", "|---|---|---|---|---|---|"]
    for metric in metrics:
        cells = (
            f"{metric.name} ({metric.note})" if metric.note else metric.name,
            f"{_short(metric.value)} {metric.unit}",
            f"{_short(metric.reference)} {metric.unit} {metric.reference_name}"
            if metric.reference is not None
            else "",
            f"{metric.ratio:.2f}" if metric.ratio is not None else "",
            _limit(metric),
            "yes" if metric.holds else "**no**",
        )
        lines.append("| " + " | ".join(cell.strip() for cell in cells) + " |")
    return "\n".join(lines)


def _short(number: float | None) -> str:
    return "" if number is None else f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"


def _limit(metric: Metric) -> str:
    parts = []
    if metric.limit is not None:
        parts.append(f"≤ {_short(metric.limit)} {metric.unit}")
    if metric.ratio_limit is not None:
        parts.append(f"≤ {metric.ratio_limit:g} ×")
    return ", ".join(parts)
