"""A backup into an empty place: all of it or nothing; what was of the old machine stays there."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from astro_ui.backup import make, servers
from astro_ui.backup.failure import BackupError
from astro_ui.backup.make import backup
from astro_ui.backup.restore import main, restore
from astro_ui.embedded import Places, account, cluster_database_url, database_url, postgres
from astro_ui.keys import KeyStore
from deployments.provisioners.local.databases import Databases

pytestmark = pytest.mark.slow

AWAKE, NEW = "c" + "a" * 24, "c" + "b" * 24
"""One whose database is there, and one that was being created."""
SECRETS = {
    "database_password": "airflow-password",
    "fernet_key": "f",
    "execution_secret": "e",
    "webserver_secret": "w",
}
OF_THE_TESTS = ("DATABASE_URL", "REDIS_URL", "ASTRO_UI_CLUSTER_DATABASE_URL")


@pytest.fixture(scope="module")
def alone() -> Iterator[None]:
    """With servers of its own, as a person's console has, and not those of the test run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OF_THE_TESTS:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def places(alone: None, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A console that was stopped, with one Deployment awake and one deploy of it."""
    places = Places(tmp_path_factory.mktemp("old") / "data")
    places.make()
    keys = KeyStore(places.secrets)
    for key in (
        keys.secret_key, keys.encryption_key, keys.identity_key, keys.audit_key, keys.openid_key,
    ):  # fmt: skip
        key()
    (places.data / "audit").mkdir()
    (places.data / "audit" / "heads.jsonl").write_text("{}\n")
    folder = places.data / "deploys" / AWAKE / "v1" / "dags"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("print()")
    for deployment in (AWAKE, NEW):
        _record(places, deployment)
    (places.data / "cluster" / "deployments" / AWAKE / "logs").mkdir()
    (places.data / "cluster" / "id").write_text("4711")
    with servers.running(places):
        postgres.create_console_database(places)
        with psycopg.connect(database_url(places.data)) as connection:
            connection.execute("CREATE TABLE django_migrations (app text, name text)")
            connection.execute(
                "INSERT INTO django_migrations VALUES ('accounts', '0001_initial'), ('x', '1')"
            )
            connection.execute("CREATE TABLE note (id serial, text text)")
            connection.execute("INSERT INTO note (text) VALUES ('first'), ('second')")
        server = Databases(cluster_database_url(places.data))
        server.create_empty(f"airflow_{AWAKE}", password=SECRETS["database_password"])
        own = server.url(f"airflow_{AWAKE}", SECRETS["database_password"])
        with psycopg.connect(own) as connection:
            connection.execute("CREATE TABLE dag_run (id int PRIMARY KEY)")
            connection.execute("INSERT INTO dag_run VALUES (41)")
    return places


@pytest.fixture(scope="module")
def file(places: Places) -> Path:
    made = places.data.parent / "backup"
    backup(places, made)
    return made


def _record(places: Places, deployment: str) -> None:
    home = places.data / "cluster" / "deployments" / deployment
    (home / "home" / "logs").mkdir(parents=True)
    (home / "home" / "logs" / "task.log").write_text("hello")
    record = {
        "spec": {"deployment_id": deployment},
        "secrets": SECRETS,
        "goal": "running",
        "tree": {"pid": 4711, "started": 1},
        "uid": 200_001,
    }
    (home / "agent.json").write_text(json.dumps(record))


def test_everything_comes_back(file: Path, places: Places, tmp_path: Path) -> None:
    new = Places(tmp_path / "new" / "data")

    facts = restore(file, new)

    assert facts["version"] == "0.1.0"
    for name in make.KEYS:
        assert (new.secrets / name).read_text() == (places.secrets / name).read_text()
        assert stat.S_IMODE((new.secrets / name).stat().st_mode) == 0o600
    assert (new.data / "deploys" / AWAKE / "v1" / "dags" / "a.py").read_text() == "print()"
    assert (new.data / "audit" / "heads.jsonl").read_text() == "{}\n"
    home = new.data / "cluster" / "deployments" / AWAKE
    assert (home / "home" / "logs" / "task.log").read_text() == "hello"
    assert not (home / "logs").exists()
    record = json.loads((home / "agent.json").read_text())
    assert (record["secrets"], record["goal"]) == (SECRETS, "running")
    assert (record["tree"], record["uid"]) == (None, 0), "its processes and user are not here"
    assert [path.name for path in new.data.parent.iterdir()] == ["data"]
    closed = [new.secrets, new.run, new.logs, new.data / "postgres"]
    assert not [path for path in closed if path.stat().st_mode & 0o066]
    with servers.running(new):
        with psycopg.connect(database_url(new.data)) as connection:
            rows = connection.execute("INSERT INTO note (text) VALUES ('third') RETURNING id")
            assert rows.fetchone() == (3,), "sequences go on where they were"
        server = Databases(cluster_database_url(new.data), owner="4711")
        assert server.ours() == {f"airflow_{AWAKE}"}, "the cluster knows its own again"
        own = server.url(f"airflow_{AWAKE}", SECRETS["database_password"])
        with psycopg.connect(own) as connection:
            assert connection.execute("SELECT id FROM dag_run").fetchall() == [(41,)]
            connection.execute("ALTER TABLE dag_run ADD COLUMN note text")
        assert not server.has(f"airflow_{NEW}")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(
                server.url(f"airflow_{AWAKE}", "x").replace(
                    f"airflow_{AWAKE}:x", f"astro_ui:{new.keep('database_password')}"
                )
            )


def test_what_is_not_empty_is_left_alone(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "mine").write_text("keep")

    with pytest.raises(BackupError, match="is not empty"):
        restore(file, Places(data))

    assert [path.name for path in tmp_path.rglob("*")] == ["data", "mine"]


@pytest.mark.parametrize("part", [0.2, 0.8])
def test_a_file_that_was_cut_off_leaves_nothing(file: Path, tmp_path: Path, part: float) -> None:
    content = file.read_bytes().rstrip(b"\0")
    (tmp_path / "cut").write_bytes(content[: int(len(content) * part)])

    with pytest.raises(BackupError, match="cut off or damaged"):
        restore(tmp_path / "cut", Places(tmp_path / "data"))

    assert [path.name for path in tmp_path.iterdir()] == ["cut"]


def test_a_failure_in_the_middle_leaves_nothing(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(url: str, source: Path) -> None:
        raise BackupError("No space left on device.", "Free some.")

    monkeypatch.setattr(servers, "fill", full)

    with pytest.raises(BackupError, match="No space left"):
        restore(file, Places(tmp_path / "data"))

    assert list(tmp_path.iterdir()) == []


def test_a_newer_console_s_backup_is_refused_before_anything_is_filled(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("astro_ui.backup.restore.CHECKOUT", tmp_path / "older")
    (tmp_path / "older" / "accounts" / "migrations").mkdir(parents=True)

    with pytest.raises(BackupError, match=r"newer console.*accounts\.0001_initial is unknown"):
        restore(file, Places(tmp_path / "data"))

    assert not (tmp_path / "data").exists()


def test_keys_that_were_variables_are_asked_for(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", "elsewhere")
    with pytest.raises(BackupError, match="SECRET_KEY would take the place"):
        restore(file, Places(tmp_path / "data"))
    backup(places, tmp_path / "other")
    monkeypatch.delenv("SECRET_KEY")

    with pytest.raises(BackupError, match="holds no SECRET_KEY"):
        restore(tmp_path / "other", Places(tmp_path / "data"))


def test_the_commands_say_what_happened_and_what_to_keep_safe(
    places: Places,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASTRO_UI_DATA", str(places.data))
    target = str(tmp_path / "backup")
    assert make.main([target]) == 0
    assert "It holds the keys and every secret" in capsys.readouterr().out
    assert make.main([target]) == 1
    assert "is there already" in capsys.readouterr().err

    assert main([target]) == 1
    assert f"{places.data} is not empty" in capsys.readouterr().err
    monkeypatch.setenv("ASTRO_UI_DATA", str(tmp_path / "none"))
    assert make.main([str(tmp_path / "b")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_into_servers_of_yours_that_must_be_empty(
    places: Places, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They outlive a restore that fails, so nothing of it is left there."""
    host = Places(tmp_path / "host")
    shutil.copytree(places.data, host.data, symlinks=True)
    if account.is_needed():
        account.give(host.data / "postgres", account.SERVER_UID)
    with servers.running(host):
        admin = cluster_database_url(host.data)
        fresh = urlsplit(database_url(host.data))._replace(path="/fresh").geturl()
        monkeypatch.setenv("ASTRO_UI_CLUSTER_DATABASE_URL", admin)
        monkeypatch.setenv("DATABASE_URL", database_url(host.data))
        with pytest.raises(BackupError, match="DATABASE_URL is not empty"):
            restore(file, Places(tmp_path / "data"))

        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("CREATE DATABASE fresh OWNER astro_ui")
        monkeypatch.setenv("DATABASE_URL", fresh)
        with pytest.raises(Exception, match=f"a database airflow_{AWAKE}"):
            restore(file, Places(tmp_path / "data"))
        assert Databases(admin).has(f"airflow_{AWAKE}"), "somebody's, so it stays"
        Databases(admin).drop(f"airflow_{AWAKE}")

        restore(file, Places(tmp_path / "data"))

        assert servers.has_tables(fresh)
        assert Databases(admin).has(f"airflow_{AWAKE}")
        assert not (tmp_path / "data" / "postgres").exists()
