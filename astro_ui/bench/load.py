"""Many writes over `/v1`, by clients that keep their connections, and one write at a time.

The write is `POST …/hibernation-override`: each opens an operation, writes its audit row and wakes
the worker. Behind it stands the backend that runs nothing, which settles at once.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from astro_ui.bench.stage import Stage
from astro_ui.bench.waiting import until

_BODY = json.dumps({"isHibernating": True}).encode()
_QUIET_SECONDS = 0.3


def prepare(stage: Stage, count: int) -> None:
    """Healthy, settled Deployments on a cluster that runs nothing."""
    from access.ids import cuid
    from deployments.models import Cluster, Deployment

    cluster = Cluster.objects.get_or_create(name="bench", backend=Cluster.Backend.MEMORY)[0]
    Deployment.objects.bulk_create(
        Deployment(
            id=cuid(),
            organization_id=stage.organization_id,
            workspace_id=stage.workspace_id,
            cluster=cluster,
            name=f"load {number}",
            namespace=f"load-bench-{number}",
            runtime_version="3.3-8",
            status="HEALTHY",
            is_settled=True,
            applied_generation=1,
            backend_state={"pretends": "running"},
        )
        for number in range(count)
    )


def awake() -> list[str]:
    from deployments.models import Deployment

    rows = Deployment.objects.filter(status="HEALTHY", cluster__name="bench")
    return list(rows.values_list("pk", flat=True))


def hibernate_all(stage: Stage, deployments: Sequence[str], *, clients: int) -> float:
    """Seconds until the last of them was accepted."""
    shares = [deployments[number::clients] for number in range(clients)]
    with ThreadPoolExecutor(clients) as several:
        list(several.map(lambda _: Client(stage).close(), shares))  # warm: one connection each
        began = time.perf_counter()
        list(several.map(lambda share: Client(stage).hibernate(share), shares))
        return time.perf_counter() - began


def click(stage: Stage, deployment_id: str) -> float:
    """Milliseconds from the request until the worker has claimed the Deployment."""
    from django.db import connection

    time.sleep(_QUIET_SECONDS)  # idle is what is measured
    with connection.cursor() as cursor:

        def fence() -> int:
            cursor.execute("SELECT fence FROM deployments_deployment WHERE id=%s", [deployment_id])
            return int(cursor.fetchone()[0])

        with ThreadPoolExecutor(1) as aside:
            client = Client(stage)
            began = time.perf_counter()
            sent = aside.submit(client.hibernate, [deployment_id])
            until(lambda: fence() > 0, "the worker's claim", every=0.001)
            taken = (time.perf_counter() - began) * 1_000
            sent.result()
    return taken


class Client:
    """One connection, as a program with a token keeps it."""

    def __init__(self, stage: Stage) -> None:
        parts = urlsplit(stage.api)
        self._path = parts.path
        self._line = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=60)
        self._line.connect()
        self._headers = {
            "Host": parts.netloc,
            "Authorization": f"Bearer {stage.token}",
            "Content-Type": "application/json",
        }

    def hibernate(self, deployments: Sequence[str]) -> None:
        for deployment_id in deployments:
            target = f"{self._path}/deployments/{deployment_id}/hibernation-override"
            self._line.request("POST", target, _BODY, self._headers)
            answer = self._line.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{target}: {answer.status} {content[:300]!r}")
        self.close()

    def close(self) -> None:
        self._line.close()
