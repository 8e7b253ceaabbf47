"""An airflow dag whose author wants to own the console: one task for each attempt.

Run as a program by the administrator, the same attempts succeed: that shows that they are good.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
attempts = import_module("attempts")
for part in ("files", "processes", "databases", "doors"):
    import_module(f"attempts.on_{part}")


def record(name: str) -> None:
    folder = Path(os.environ["AIRFLOW_HOME"]) / "outcomes"
    folder.mkdir(exist_ok=True)
    draft = folder / f"{name}.draft"
    draft.write_text(json.dumps(attempts.outcome(name)), encoding="utf-8")
    draft.rename(folder / f"{name}.json")


if __name__ == "__main__":
    print(json.dumps({name: attempts.outcome(name) for name in attempts.ATTEMPTS}))
else:
    try:
        words = import_module("airflow.sdk")
    except ImportError:
        words = import_module("airflow.decorators")

    def attack() -> None:
        for name in attempts.ATTEMPTS:
            words.task(task_id=name)(record)(name)

    words.dag(schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC))(attack)()
