"""The catalogue promises which builds exist, in which order, and who may use them."""

from __future__ import annotations

from datetime import date

import pytest

from runtime import catalogue

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("version", "airflow", "maintained_until"),
    [
        ("3.3-8", "3.3.2", date(2028, 7, 31)),
        ("3.2-10", "3.2.2", date(2028, 4, 30)),
        ("3.1-21", "3.1.8", date(2027, 9, 30)),
        ("13.11.0", "2.11.2", date(2027, 4, 30)),
        ("12.12.0", "2.10.5", date(2026, 2, 28)),
    ],
)
def test_published_builds(version: str, airflow: str, maintained_until: date) -> None:
    release = catalogue.get(version)
    assert release.airflow_version == airflow
    assert release.end_of_maintenance == maintained_until
    assert release.python_versions == ("3.12", "3.11")


def test_default_is_the_newest_that_can_be_built() -> None:
    assert catalogue.default_release(TODAY).version == "3.3-8"


def test_order_is_numeric_and_new_style_outranks_semver() -> None:
    versions = ["3.0.4", "13.11.0", "3.0-18", "3.3-8", "3.3-10", "3.10-1", "12.12.0"]
    assert sorted(versions, key=catalogue.sort_key) == [
        "3.0.4",
        "12.12.0",
        "13.11.0",
        "3.0-18",
        "3.3-8",
        "3.3-10",
        "3.10-1",
    ]


@pytest.mark.parametrize("text", ["", "3", "3.3", "3.3-", "v3.3-8", "3.3-8\n", "latest"])
def test_anything_else_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="not a runtime version"):
        catalogue.sort_key(text)


@pytest.mark.parametrize(
    "version", ["8.0.0", "9.0.0", "9.6.0", "11.1.0", "13.5.0", "3.1-8", "3.2-1"]
)
def test_yanked_builds_are_refused_always(version: str) -> None:
    release = catalogue.get(version)
    assert release.yanked_reason
    assert not catalogue.is_offered(release, today=TODAY, are_deprecated_allowed=True)


def test_past_maintenance_is_offered_only_where_deprecated_ones_are_allowed() -> None:
    release = catalogue.get("12.12.0")
    assert release.is_past_maintenance(TODAY)
    assert not catalogue.is_offered(release, today=TODAY)
    assert catalogue.is_offered(release, today=TODAY, are_deprecated_allowed=True)


def test_maintenance_includes_its_last_day() -> None:
    release = catalogue.get("13.11.0")
    assert not release.is_past_maintenance(date(2027, 4, 30))
    assert release.is_past_maintenance(date(2027, 5, 1))


def test_a_build_without_a_lock_is_listed_but_not_offered() -> None:
    release = catalogue.get("3.0-18")
    assert release.python_versions == ()
    assert not catalogue.is_offered(release, today=TODAY, are_deprecated_allowed=True)


def test_unknown_build() -> None:
    with pytest.raises(catalogue.UnknownRuntimeError):
        catalogue.get("99.9-9")


def test_locks_carry_hashes_and_no_address() -> None:
    for path in catalogue.LOCKS.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
