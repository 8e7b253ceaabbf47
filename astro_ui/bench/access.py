"""What rights cost, and the audit log: verifying a million rows, and what its chain costs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from django.db import connection, transaction

from astro_ui.bench import rights
from astro_ui.bench.metric import Metric
from audit import heads, sealing
from audit.models import AuditRecord, Unsealed
from audit.verify import verify

NEEDS_CONSOLE = True
ROWS = 1_000_000
ORGANIZATIONS = 20
"""A seal covers what one of them wrote meanwhile: about a hundred rows here."""
WRITTEN, ROUNDS = 1_000, 5
LIMIT_S = 20

_FILL = """
    INSERT INTO audit_auditrecord (at, organization_id, workspace_id, deployment_id, actor_kind,
        actor_id, actor_label, action, target_type, target_id, target_label, outcome, before,
        after, door, source_ip, user_agent, request_id)
    SELECT now(), 'corganization' || lpad((n %% %s)::text, 12, '0'), 'cworkspace000000000000001',
        'cdeployment00000000000001', 'USER', 'cuser00000000000000000001', 'olivia@example.com',
        'deployments.update', 'Deployment', 'cdeployment00000000000001', 'prod-etl-' || n, 'DONE',
        '{"description": "Nightly load of orders", "scheduler_cpu": 500}',
        '{"description": "Nightly load of orders and payments", "scheduler_cpu": 1000}',
        'page', '192.0.2.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101',
        md5(n::text)
    FROM generate_series(1, %s) AS n
"""


def run() -> list[Metric]:
    return [*_verifying(), *rights.run()]  # the second half's audit rows are never sealed


def _verifying() -> list[Metric]:
    """Over the real database of a console, whose beat would seal in between: it finds nothing."""
    with_chain, without = _writing()
    _seal()
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [ORGANIZATIONS, ROWS])
    wall, cpu = _timed(_seal)
    heads.publish()
    report = verify()
    taken, _ = _timed(verify)
    shape = f"{report.seals:,} seals of {report.chains} chains"
    return [
        Metric(f"audit verify over {ROWS:,} rows", taken, "s", limit=LIMIT_S, note=shape),
        Metric("audit verify: findings", len(report.findings), "", limit=0),
        Metric("a row written", with_chain, "ms", without, "without its place in the queue"),
        Metric("a row sealed, seconds later", wall / ROWS * 1e6, "µs"),
        Metric("a row sealed, processor time of the worker", cpu / ROWS * 1e6, "µs"),
    ]


def _writing() -> tuple[float, float]:
    """Milliseconds for each row in the best of some rounds, with the trigger and without."""
    row = {"actor_kind": "USER", "actor_label": "bench", "action": "bench", "door": "cli"}

    def write() -> None:
        with transaction.atomic():
            for _ in range(WRITTEN):
                AuditRecord.objects.create(**row)

    best = {"ENABLE ALWAYS": math.inf, "DISABLE": math.inf}
    for verb in ("DISABLE", "ENABLE ALWAYS") * ROUNDS:
        _trigger(verb)
        wall, _ = _timed(write)
        best[verb] = min(best[verb], wall)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_unsealed SELECT id FROM audit_auditrecord ON CONFLICT DO NOTHING"
        )
    return best["ENABLE ALWAYS"] / WRITTEN * 1000, best["DISABLE"] / WRITTEN * 1000


def _trigger(verb: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_auditrecord {verb} TRIGGER audit_wait")


def _seal() -> None:
    """The worker may be at it as well."""
    while Unsealed.objects.exists():
        sealing.seal_all()


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of this process."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - cpu
