"""Two ways to one Airflow: straight to its port, and through the door as a signed-in person."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

from astro_ui.bench.stage import Stage, airflow_url
from astro_ui.bench.stand import stand

Headers = dict[str, str]
_SCRIPT = re.compile(rb'src="\.?(/static/assets/[^"]+\.js)"')


@dataclass(frozen=True)
class Door:
    upstream: str
    """Where the Airflow listens, without a trailing slash."""
    straight: Callable[[], Headers]
    """What a direct request needs to be let in; asked before each, for it ages."""
    url: str
    through: Headers
    web: Sequence[psutil.Process]
    """The console's web processes."""
    script: str
    """The path of the interface's largest script."""


@contextmanager
def stand_in() -> Iterator[Door]:
    """To a server that answers at once, so that nothing hides what the door costs."""
    with stand() as made:
        yield Door(
            made.upstream,
            dict,
            f"http://127.0.0.1:{made.port}",
            {"Host": made.host, "Cookie": f"astro_airflow={made.world['cookie']}"},
            [psutil.Process(made.web.pid)],
            "/static/main.js",
        )


def real(stage: Stage, deployment_id: str) -> Door:
    """To a real Airflow of the console in whose environment this runs."""
    from deployments.identity import console_identity
    from deployments.models import Deployment

    deployment = Deployment.objects.get(pk=deployment_id)
    public = urlsplit(airflow_url(deployment_id))
    page = stage.browser.open(public.geturl())
    script = _SCRIPT.search(page.body)
    if script is None:
        raise RuntimeError("Airflow's page names no script")
    cookies = stage.browser.cookies[public.hostname or ""]
    return Door(
        deployment.endpoint,
        lambda: {"Authorization": f"Bearer {console_identity(deployment)}"},
        f"http://127.0.0.1:{public.port}",
        {
            "Host": public.netloc,
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        },
        _web(),
        script[1].decode(),
    )


def _web() -> list[psutil.Process]:
    up = psutil.Process(int(os.environ["ASTRO_UI_BENCH_UP"]))
    parts = up.children(recursive=True)
    return [each for each in parts if "astro-ui web" in " ".join(each.cmdline())]
