"""What one side encodes, the other decodes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deployments.provisioners.base import (
    Component,
    DeploymentSpec,
    DeploySource,
    EnvironmentVariable,
    Failure,
    Observation,
    OidcClient,
    Phase,
    StepReport,
    StepState,
)
from deployments.provisioners.wire import decode, encode
from tests.contracts.specs import make_spec


def test_a_whole_wish_survives_the_wire() -> None:
    spec = replace(
        make_spec(),
        environment=(EnvironmentVariable("A", "b", is_secret=True),),
        oidc=OidcClient("id", "secret", "http://localhost/.well-known/openid-configuration"),
        deploy=DeploySource("v1", Path("/srv/v1"), "deploy #1"),
    )

    assert decode(DeploymentSpec, json.loads(json.dumps(encode(spec)))) == spec


def test_a_whole_report_survives_the_wire() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    seen = Observation(
        phase=Phase.FAILED,
        generation=3,
        steps=(StepReport("a", "A", StepState.DONE, moment, moment, "detail", "log"),),
        components=(Component("scheduler", is_healthy=False, detail="exited", restarts=2),),
        failure=Failure("cause", "remedy", is_permanent=True),
    )

    assert decode(Observation, json.loads(json.dumps(encode(seen)))) == seen


def test_a_newer_sender_is_understood() -> None:
    assert decode(Component, {"name": "a", "is_healthy": True, "new": 1}) == Component("a", True)
