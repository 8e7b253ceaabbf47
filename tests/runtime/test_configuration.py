"""What each component is told, and what it is not told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from runtime import catalogue
from runtime.configuration import airflow_environment, components, migrate_command
from runtime.reserved import RESERVED_VARIABLES, reserved_reason
from runtime.settings import AirflowSettings, ComponentCommand, OidcSettings

PYTHON = Path("/envs/3.3.2/bin/python")
SETTINGS = AirflowSettings(
    deployment_id="cmdeployment",
    namespace="brave-fox-1234",
    runtime_version="3.3-8",
    home=Path("/d/home"),
    dags_root=Path("/d/dags"),
    plugin_path=Path("/envs/plugin"),
    database_url="postgresql://ada:DATABASE-PASSWORD@127.0.0.1:5432/ada",
    base_url="http://brave-fox-1234.localhost:8000/",
    console_url="http://localhost:8000/deployments/cmdeployment",
    port=22001,
    worker_log_port=22002,
    identity_issuer="http://localhost:8000",
    identity_public_key=Path("/d/console.pem"),
    sign_in_url="http://localhost:8000/airflow/sign-in",
    fernet_key="FERNET-KEY",
    execution_secret="EXECUTION-SECRET",
    webserver_secret="WEBSERVER-SECRET",
    oidc=OidcSettings("client", "OIDC-SECRET", "http://localhost:8000/.well-known/openid"),
)
VERSIONS = ["3.3-8", "3.2-10", "3.1-21", "13.11.0", "12.12.0"]


def environment(version: str, settings: AirflowSettings = SETTINGS) -> dict[str, str]:
    return airflow_environment(catalogue.get(version), settings, python=PYTHON)


def started(version: str, settings: AirflowSettings = SETTINGS) -> dict[str, ComponentCommand]:
    found = components(catalogue.get(version), settings, python=PYTHON)
    return {command.name: command for command in found}


def holders(version: str, secret: str, settings: AirflowSettings = SETTINGS) -> set[str]:
    common = secret in environment(version, settings).values()
    return {
        name
        for name, command in started(version, settings).items()
        if common or secret in command.environment.values()
    }


def test_components_of_each_major() -> None:
    assert list(started("3.3-8")) == ["api-server", "scheduler", "dag-processor", "triggerer"]
    assert list(started("13.11.0")) == ["webserver", "scheduler", "triggerer"]


@pytest.mark.parametrize("version", VERSIONS)
def test_celery_adds_one_worker_of_the_default_queue(version: str) -> None:
    settings = replace(SETTINGS, executor="CELERY", broker_url="redis://broker/0")
    worker = started(version, settings)["worker"]
    assert worker.argv[:5] == (str(PYTHON), "-m", "airflow", "celery", "worker")
    assert worker.argv[worker.argv.index("--queues") + 1] == "default"
    assert environment(version, settings)["AIRFLOW__CELERY__BROKER_URL"] == "redis://broker/0"


def test_secrets_reach_only_those_who_need_them() -> None:
    celery = replace(SETTINGS, executor="CELERY", broker_url="redis://broker/0")
    assert holders("3.3-8", "WEBSERVER-SECRET", celery) == {"api-server"}
    assert holders("3.3-8", "EXECUTION-SECRET", celery) == {"api-server", "scheduler"}
    assert holders("3.3-8", "OIDC-SECRET", celery) == set()
    assert holders("13.11.0", "WEBSERVER-SECRET", celery) == {"webserver"}
    assert holders("13.11.0", "OIDC-SECRET", celery) == {"webserver"}
    assert holders("13.11.0", "EXECUTION-SECRET", celery) == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_no_secret_in_process_arguments_or_in_what_is_printed(version: str) -> None:
    settings = replace(SETTINGS, executor="CELERY", broker_url="redis://:BROKER-SECRET@b/0")
    commands = components(catalogue.get(version), settings, python=PYTHON)
    shown = (
        repr(commands)
        + repr(settings)
        + repr(migrate_command(catalogue.get(version), python=PYTHON))
    )
    assert "SECRET" not in shown
    assert "FERNET" not in shown
    assert "PASSWORD" not in shown


@pytest.mark.parametrize("version", VERSIONS)
def test_own_variables_override_options_but_not_reserved_ones(version: str) -> None:
    own = {
        "AIRFLOW__CORE__PARALLELISM": "7",
        "AIRFLOW__CORE__FERNET_KEY": "mine",
        "airflow__core__executor": "mine",
        "ASTRO_RUNTIME_IDENTITY_KEY": "/mine.pem",
        "GREETING": "hello",
    }
    result = environment(version, replace(SETTINGS, user_environment=own))
    assert result["AIRFLOW__CORE__PARALLELISM"] == "7"
    assert result["AIRFLOW__CORE__FERNET_KEY"] == "FERNET-KEY"
    assert result["ASTRO_RUNTIME_IDENTITY_KEY"] == "/d/console.pem"
    assert result["GREETING"] == "hello"
    assert "airflow__core__executor" not in result


@pytest.mark.parametrize("version", VERSIONS)
def test_every_fixed_option_is_reserved(version: str) -> None:
    """Else a Deployment could set it, and see nothing happen."""
    settings = replace(SETTINGS, executor="CELERY", broker_url="b", broker_key_prefix="p")
    own = dict.fromkeys(environment(version, settings), "mine")
    result = environment(version, replace(settings, user_environment=own))
    ignored = {name for name, value in result.items() if value != "mine"}
    assert {name for name in ignored if reserved_reason(name) is None} == set()


def test_airflow_3_asks_the_console_for_people_and_its_own_port_for_tasks() -> None:
    result = environment("3.3-8")
    assert result["AIRFLOW__CORE__AUTH_MANAGER"] == "astro_runtime.auth_manager.AstroAuthManager"
    assert result["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:22001/execution/"
    bundles = json.loads(result["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"])
    assert [bundle["name"] for bundle in bundles] == ["deploy"]


def test_a_path_prefix_is_kept() -> None:
    result = environment("3.3-8", replace(SETTINGS, base_url="http://console/airflow/fox"))
    assert result["AIRFLOW__API__BASE_URL"] == "http://console/airflow/fox/"
    assert (
        result["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
        == "http://127.0.0.1:22001/airflow/fox/execution/"
    )


def test_airflow_2_uses_no_trailing_slash_and_secures_its_cookie_with_https() -> None:
    result = environment("13.11.0", replace(SETTINGS, base_url="https://fox.example.com/"))
    assert result["AIRFLOW__WEBSERVER__BASE_URL"] == "https://fox.example.com"
    assert result["AIRFLOW__WEBSERVER__COOKIE_SECURE"] == "True"
    assert environment("13.11.0")["AIRFLOW__WEBSERVER__COOKIE_SECURE"] == "False"


def test_published_reserved_names_are_reserved() -> None:
    for name in (
        "AIRFLOW__CORE__SQL_ALCHEMY_CONN",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE",
        "AIRFLOW_HOME",
        "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID",
        "AIRFLOW__WEBSERVER__UPDATE_FAB_PERMS",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY",
        "AIRFLOW__METRICS__STATSD_ON",
        "AIRFLOW__SCHEDULER__STATSD_HOST",
        "AIRFLOW_CONN_ASTRO_S3_LOGGING",
        "AWS_DEFAULT_REGION",
        "INSTANCE_TYPE",
        "OPENLINEAGE_API_KEY",
        "AIRFLOW__CORE__FERNET_KEY_CMD",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET",
    ):
        assert reserved_reason(name), name
    assert reserved_reason("AIRFLOW__CORE__PARALLELISM") is None
    assert all(reason.endswith(".") for reason in RESERVED_VARIABLES.values())
