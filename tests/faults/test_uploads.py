"""An upload that breaks off on the line, at a real web server: what runs goes on."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from astro_ui.bench.waiting import until
from tests.faults.world import World

pytestmark = [pytest.mark.slow, pytest.mark.matrix]


def test_an_upload_whose_line_breaks_leaves_what_runs(world: World) -> None:
    world.wait_until_whole()
    deployment_id = world.create()
    world.settle([deployment_id], "HEALTHY")
    world.deploy(deployment_id, one="x = 1")
    world.settle([deployment_id], "HEALTHY")
    running = world.rows.of(deployment_id).active_deploy
    made = world.call("POST", f"{deployment_id}/deploys", {"type": "DAG_ONLY"})

    break_off(made["dagsUploadUrl"])

    finalize = f"{deployment_id}/deploys/{made['id']}/finalize"
    with pytest.raises(RuntimeError, match=r"400 .*Nothing was uploaded"):
        world.call("POST", finalize, {"dagTarballVersion": made["id"]})
    assert world.rows.of(deployment_id).active_deploy == running
    world.deploy(deployment_id, two="x = 2")
    until(lambda: world.rows.of(deployment_id).active_deploy != running, "the next deploy")


def break_off(url: str) -> None:
    """Announce a megabyte, send a little of it, and hang up."""
    parts = urlsplit(url)
    line = HTTPConnection("127.0.0.1", parts.port, timeout=20)
    line.putrequest("PUT", f"{parts.path}?{parts.query}", skip_host=True)
    headers = {"Host": parts.netloc, "Content-Length": str(1024**2), "x-ms-blob-type": "BlockBlob"}
    for name, value in headers.items():
        line.putheader(name, value)
    line.endheaders(json.dumps({"half": "x" * 1000}).encode())
    line.close()
