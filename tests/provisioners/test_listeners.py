"""Who answers at a port: the Deployment itself, or somebody who took its place."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from deployments.provisioners.listeners import is_genuine, user_at

from .cluster import NOBODY, free_port
from .standin.agent import PYTHON

LISTEN = """
import socket, sys
with socket.create_server((sys.argv[1], 0)) as server:
    print(server.getsockname()[1], flush=True)
    sys.stdin.read()
"""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give users")


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])  # noqa: S104 - a wildcard takes it as well
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """At which a foreign user listens."""
    with subprocess.Popen(
        [str(PYTHON), "-c", LISTEN, request.param],
        user=NOBODY,
        group=NOBODY,
        extra_groups=(),
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdout
        yield int(server.stdout.readline())
        server.communicate()


@needs_root
def test_the_kernel_knows_whose_it_is(port: int) -> None:
    assert user_at("127.0.0.1", port) == NOBODY
    assert is_genuine(f"http://127.0.0.1:{port}", NOBODY)
    assert not is_genuine(f"http://127.0.0.1:{port}", 271_828)


def test_where_nobody_listens_nobody_is_genuine() -> None:
    port = free_port()

    assert user_at("127.0.0.1", port) is None
    assert not is_genuine(f"http://127.0.0.1:{port}", 271_828)


def test_without_users_of_their_own_there_is_nothing_to_compare() -> None:
    assert is_genuine(f"http://127.0.0.1:{free_port()}", 0)
