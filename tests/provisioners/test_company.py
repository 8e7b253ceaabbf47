"""The agent keeps Organizations apart that nothing else would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deployments.provisioners.base import ProvisionerError
from deployments.provisioners.local.record import Record, Secrets, TreeMark
from deployments.provisioners.local.settings import AgentSettings
from deployments.provisioners.local.workshop import Workshop
from tests.contracts.specs import make_spec
from tests.provisioners.standin.agent import StandIn

ACME, UMBRELLA = "cacme00000000000000000000", "cumbrella0000000000000000"


def workshop(data: Path, **variables: str) -> Workshop:
    (data / "cluster").mkdir()
    environ = {"ASTRO_UI_DATA": str(data), "ASTRO_UI_CLUSTER_DATABASE_URL": "postgresql://"}
    settings = AgentSettings.from_environment({**environ, **variables})
    return Workshop(settings, StandIn(data), is_root=False)


def record(organization: str, *, is_isolated: bool, is_up: bool = True) -> Record:
    spec = replace(make_spec(), organization_id=organization)
    tree = TreeMark(1, 1) if is_up else None
    return Record(spec=spec, secrets=Secrets.fresh(), tree=tree, is_isolated=is_isolated)


@pytest.mark.parametrize(
    ("one", "other", "is_refused"),
    [
        ((ACME, False), (ACME, False), False),
        ((ACME, True), (UMBRELLA, True), False),
        ((ACME, False), (UMBRELLA, True), True),
        ((ACME, True), (UMBRELLA, False), True),
    ],
)
def test_two_organizations_are_together_only_where_both_are_isolated(
    tmp_path: Path, one: tuple[str, bool], other: tuple[str, bool], *, is_refused: bool
) -> None:
    shop = workshop(tmp_path)
    shop.remember(record(other[0], is_isolated=other[1]))
    newcomer = record(one[0], is_isolated=one[1], is_up=False)

    if not is_refused:
        return shop.check_company(newcomer)
    with pytest.raises(ProvisionerError) as refusal:
        shop.check_company(newcomer)
    assert refusal.value.permanent
    assert "ASTRO_UI_SHARE_UNISOLATED=true" in refusal.value.remedy
    return None


def test_who_sleeps_isolated_or_not_yet_is_no_danger(tmp_path: Path) -> None:
    shop = workshop(tmp_path)
    shop.remember(record(UMBRELLA, is_isolated=False, is_up=False))

    shop.check_company(record(ACME, is_isolated=True))


def test_the_setting_allows_it(tmp_path: Path) -> None:
    shop = workshop(tmp_path, ASTRO_UI_SHARE_UNISOLATED="true")
    shop.remember(record(UMBRELLA, is_isolated=False))

    shop.check_company(record(ACME, is_isolated=False))


def test_what_names_the_cluster_is_the_agents_alone(tmp_path: Path) -> None:
    workshop(tmp_path)

    assert (tmp_path / "cluster/id").stat().st_mode & 0o777 == 0o600
