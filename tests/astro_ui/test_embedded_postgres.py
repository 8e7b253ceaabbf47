"""The embedded PostgreSQL serves the console and those who may attack it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from astro_ui.embedded import cluster_database_url, database_url
from tests.provisioners.cluster import until

pytestmark = pytest.mark.skipif(
    "127.0.0.1" not in os.environ["DATABASE_URL"], reason="another server was named"
)


@pytest.fixture
def data() -> Path:
    return Path(os.environ["ASTRO_UI_DATA"])


def test_connections_are_left_for_the_console_when_all_others_are_taken(data: Path) -> None:
    with psycopg.connect(cluster_database_url(data), autocommit=True) as administrator:
        member = "SELECT pg_has_role('astro_ui', 'pg_use_reserved_connections', 'member')"
        assert administrator.execute(member).fetchone() == (True,)
        assert administrator.execute("SHOW reserved_connections").fetchone() == ("40",)


def test_after_a_crash_the_disk_is_asked_once_not_for_each_file_of_each_airflow(data: Path) -> None:
    """With 50 databases on a busy machine that took 84 s, in which no page answers."""
    with psycopg.connect(cluster_database_url(data), autocommit=True) as administrator:
        assert administrator.execute("SHOW recovery_init_sync_method").fetchone() == ("syncfs",)


def test_who_takes_the_servers_place_is_not_told_a_password(data: Path) -> None:
    """A server that asks for it in the clear is refused, whatever it promises."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as impostor:

        def ask_in_the_clear() -> None:
            for _ in range(2):
                line, _ = impostor.accept()
                with line:
                    greeting = line.recv(1000)
                    if greeting[4:8] == b"\x04\xd2\x16\x2f":  # may we speak TLS?
                        line.sendall(b"N")
                        line.recv(1000)
                    line.sendall(b"R\x00\x00\x00\x08\x00\x00\x00\x03")
                    heard.append(line.recv(1000))

        Thread(target=ask_in_the_clear, daemon=True).start()
        port = impostor.getsockname()[1]
        for url in (database_url(data), database_url(data).partition("?")[0]):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(url, port=port, connect_timeout=5).close()
        until(lambda: len(heard) == 2, "heard both")
    password = (data / "secrets/database_password").read_bytes().strip()
    assert password not in heard[0]
    assert password in heard[1]  # without our demand it would have been told
