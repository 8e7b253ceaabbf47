"""The check for forgotten migrations asks the files only, and names what is missing."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from workspaces.models import Workspace


def test_it_passes_without_a_database_while_nothing_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("check_migrations")
    assert capsys.readouterr().out == "Every model has its migrations.\n"


def test_a_changed_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    field = Workspace._meta.get_field("name")
    assert isinstance(field, models.CharField)
    monkeypatch.setattr(field, "max_length", 7)
    with pytest.raises(CommandError, match="workspaces lacks a migration: Alter field name"):
        call_command("check_migrations")
