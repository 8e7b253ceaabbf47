"""What environment variables promise: nothing half stored, and no secret shown again."""

from __future__ import annotations

import pytest

from access.policy import PermissionDenied
from accounts.models import User
from audit.models import AuditRecord, Outcome
from deployments import services, spec
from deployments import variable_forms as written
from deployments.models import Deployment, EnvironmentVariable, Operation
from deployments.services.variables import Variable, fingerprint, stored
from deployments.services.wishes import StaleForm
from tests import factories
from tests.deployments.driving import fresh, operation, settle
from web.errors import Conflict, InvalidInput, NotFound


@pytest.fixture
def filled(running: Deployment, oliver: User) -> Deployment:
    """With one plain variable and one secret."""
    wanted = [Variable("REGION", "eu"), Variable("TOKEN", "s3cr3t", is_secret=True)]
    services.replace_all(running, wanted, actor=factories.actor(oliver))
    return settle(running)


def _values(deployment: Deployment) -> dict[str, str]:
    return dict(deployment.variables.values_list("key", "value"))


def test_they_reach_airflow_by_one_restart(filled: Deployment) -> None:
    environment = spec.build(filled).environment

    assert [(each.key, each.value, each.is_secret) for each in environment] == [
        ("REGION", "eu", False),
        ("TOKEN", "s3cr3t", True),
    ]
    assert Operation.objects.filter(kind="UPDATE").count() == 1
    assert operation(filled).status == "SUCCEEDED"


def test_a_secret_without_a_value_keeps_the_stored_one(filled: Deployment, oliver: User) -> None:
    wanted = [Variable("REGION", "us"), Variable("TOKEN", None, is_secret=True)]

    services.replace_all(filled, wanted, actor=factories.actor(oliver))

    assert _values(filled) == {"REGION": "us", "TOKEN": "s3cr3t"}


def test_what_is_not_in_the_list_goes(filled: Deployment, oliver: User) -> None:
    services.replace_all(filled, [Variable("REGION", "eu")], actor=factories.actor(oliver))

    assert _values(filled) == {"REGION": "eu"}


def test_the_same_list_again_restarts_nothing(filled: Deployment, oliver: User) -> None:
    services.replace_all(filled, stored(filled), actor=factories.actor(oliver))

    assert fresh(filled).generation == filled.generation
    assert fresh(filled).status == "HEALTHY"


def test_one_can_be_set_and_removed(filled: Deployment, oliver: User) -> None:
    actor = factories.actor(oliver)

    services.set_variable(filled, Variable("MODE", "fast"), actor=actor)
    services.remove_variable(filled, "REGION", actor=actor)

    assert _values(filled) == {"MODE": "fast", "TOKEN": "s3cr3t"}
    with pytest.raises(NotFound):
        services.remove_variable(filled, "REGION", actor=actor)


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        (Variable("1ST", "x"), "no usable name"),
        (Variable("A B", "x"), "no usable name"),
        (Variable("", "x"), "no usable name"),
        (Variable("Ä", "x"), "no usable name"),
        (Variable("K" * 256, "x"), "no usable name"),
        (Variable("BIG", "x" * 65537), "larger than 64 KiB"),
        (Variable("WIDE", "é" * 32769), "larger than 64 KiB"),
        (Variable("NUL", "a\x00b"), "no variable can hold"),
        (Variable("NEW", None, is_secret=True), "needs a value"),
        (Variable("TOKEN", None), "needs a new value to become plain"),
        (Variable("REGION", "twice"), "stands there twice"),
        (Variable("AIRFLOW__CORE__FERNET_KEY", "x"), "is reserved"),
        (Variable("airflow__core__fernet_key_cmd", "x"), "is reserved"),
    ],
    ids=lambda value: getattr(value, "key", value)[:20],
)
def test_bad_ones_are_refused_with_the_reason_and_nothing_is_stored(
    filled: Deployment, oliver: User, variable: Variable, words: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        services.replace_all(
            filled, [Variable("REGION", "us"), variable], actor=factories.actor(oliver)
        )

    assert words in refusal.value.cause
    assert _values(filled) == {"REGION": "eu", "TOKEN": "s3cr3t"}


def test_64_kib_fit(filled: Deployment, oliver: User) -> None:
    services.replace_all(filled, [Variable("BIG", "x" * 65536)], actor=factories.actor(oliver))

    assert len(_values(filled)["BIG"]) == 65536


def test_all_together_have_a_limit(filled: Deployment, oliver: User) -> None:
    many = [Variable(f"V{number}", "x" * 65000) for number in range(17)]

    with pytest.raises(InvalidInput, match="larger than 1 MiB"):
        services.replace_all(filled, many, actor=factories.actor(oliver))


def test_a_list_that_somebody_else_changed_is_not_overwritten(
    filled: Deployment, oliver: User
) -> None:
    seen = fingerprint(filled)
    services.set_variable(filled, Variable("MODE", "fast"), actor=factories.actor(oliver))

    with pytest.raises(StaleForm):
        services.replace_all(filled, [], loaded=seen, actor=factories.actor(oliver))

    assert "MODE" in _values(filled)


def test_one_asleep_takes_them_without_waking(filled: Deployment, oliver: User) -> None:
    actor = factories.actor(oliver)
    services.hibernate(filled, actor=actor)
    settle(filled)

    services.set_variable(filled, Variable("MODE", "fast"), actor=actor)

    assert settle(filled).status == "HIBERNATING"
    services.wake(filled, actor=actor)
    assert settle(filled).status == "HEALTHY"


def test_one_being_created_takes_none(new: Deployment, oliver: User) -> None:
    with pytest.raises(Conflict):
        services.set_variable(new, Variable("A", "1"), actor=factories.actor(oliver))

    assert not EnvironmentVariable.objects.exists()


def test_the_book_shows_plain_values_and_masks_secrets(filled: Deployment, oliver: User) -> None:
    wanted = [Variable("REGION", "us"), Variable("TOKEN", "0th3r", is_secret=True)]
    services.replace_all(filled, wanted, actor=factories.actor(oliver))

    row = AuditRecord.objects.filter(action="deployments.replace_all").first()
    assert row is not None
    assert (row.before["variable REGION"], row.after["variable REGION"]) == ("eu", "us")
    assert row.after["variable TOKEN"].startswith("••••••")
    assert row.before["variable TOKEN"] != row.after["variable TOKEN"], "that it changed is told"


def test_an_author_may_not_and_the_book_says_who_tried(etl: Deployment, wanda: User) -> None:
    with pytest.raises(PermissionDenied):
        services.replace_all(etl, [], actor=factories.actor(wanda))

    assert AuditRecord.objects.get().outcome == Outcome.REFUSED


def test_text_and_back_is_the_same() -> None:
    variables = [
        Variable("PLAIN", "a=b # not a comment"),
        Variable("EMPTY", ""),
        Variable("LINES", 'one\ntwo "quoted"'),
        Variable("SPACED", "  x  "),
        Variable("QUOTED", '"x"'),
        Variable("TOKEN", None, is_secret=True),
    ]

    assert written.from_text(written.to_text(variables)) == variables


def test_text_names_the_line_that_it_cannot_read() -> None:
    with pytest.raises(InvalidInput, match="Line 2"):
        written.from_text("A=1\nnonsense\n")
    with pytest.raises(InvalidInput, match="line 1"):
        written.from_text('A="open\n')


def test_the_difference_masks_secrets(filled: Deployment) -> None:
    wanted = written.from_text("REGION=us\nsecret TOKEN=0th3r\nsecret NEW=x")

    shown = [(each.label, each.before, each.after) for each in
             written.differences(filled, wanted)]  # fmt: skip

    assert shown == [
        ("NEW", "", "•••••• new value"),
        ("REGION", "eu", "us"),
        ("TOKEN", "••••••", "•••••• new value"),
    ]
