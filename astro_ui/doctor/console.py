"""What the console's own parts answer: settings, database, queue, agent, mail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import redis as redis_client

from astro_ui.embedded import database_url, redis_url
from astro_ui.environment import Environment
from astro_ui.up.site import CHECKOUT, Site
from deployments.provisioners.local.provisioner import LocalProvisioner
from web.finding import Finding, ok, problem, warning

_NOT_RUNNING = "starts with ./console up"


def settings(site: Site) -> Finding:
    done = _manage(site, "check")
    if done.returncode:
        return problem("Settings", _last(done.stderr), "Correct the environment or .env.")
    return ok("Settings", "accepted")


def database(site: Site, *, is_up: bool) -> Finding:
    name, named = "PostgreSQL", Environment().text("DATABASE_URL")
    if not named and not is_up:
        return ok(name, _NOT_RUNNING)
    try:
        with psycopg.connect(named or database_url(site.places.data), connect_timeout=5) as found:
            return ok(name, f"version {found.info.server_version // 10000} answers")
    except psycopg.Error as error:
        remedy = "Correct DATABASE_URL, or start that server." if named else _log(site, "postgres")
        return problem(name, _last(str(error)), remedy)


def migrations(site: Site, *, is_up: bool) -> Finding:
    name = "Migrations"
    if not is_up and not Environment().text("DATABASE_URL"):
        return ok(name, "applied at each start")
    if _manage(site, "migrate", "--check", "--verbosity", "0").returncode:
        return problem(name, "not all applied", "Start again: ./console up applies them.")
    return ok(name, "all applied")


def queue(site: Site, *, is_up: bool) -> Finding:
    name, named = "Redis", Environment().text("REDIS_URL")
    if not named and not is_up:
        return ok(name, _NOT_RUNNING)
    try:
        with redis_client.Redis.from_url(
            named or redis_url(site.places.data), socket_timeout=5, decode_responses=True
        ) as server:
            server.ping()
            policy = str(server.info("memory").get("maxmemory_policy"))
    except redis_client.RedisError as error:
        remedy = "Correct REDIS_URL, or start that server." if named else _log(site, "redis")
        return problem(name, str(error), remedy)
    if policy != "noeviction":
        return warning(name, f"it drops keys ({policy})", "Set maxmemory-policy noeviction.")
    return ok(name, "answers, and drops nothing")


def agent(site: Site, *, is_up: bool) -> Finding:
    name = "Local agent"
    if not is_up:
        return ok(name, _NOT_RUNNING)
    socket = Path(site.environment()["ASTRO_UI_AGENT_SOCKET"])
    said = LocalProvisioner(socket).check()
    if not said:
        return ok(name, "answers")
    verdict = problem if any(line.startswith("Error") for line in said) else warning
    return verdict(name, " ".join(said), _log(site, "agent"))


def orphans(site: Site, *, is_up: bool) -> Finding:
    """What clusters keep and nobody owns."""
    name = "Orphans"
    if not is_up:
        return ok(name, "looked for every 20 s while the console runs")
    done = _manage(site, "orphans", "--json")
    if done.returncode:
        return problem(name, _last(done.stderr), _log(site, "worker"))
    found = json.loads(done.stdout)
    if not found:
        return ok(name, "none")
    said = " ".join(f"{each['deploymentId']}: {each['is']}." for each in found)
    return warning(name, said, found[0]["remedy"])


def mail(site: Site) -> Finding:
    host = Environment().text("EMAIL_HOST")
    if not host:
        return warning(
            "Mail",
            "no server is set: invitations and resets are links to copy",
            "Set EMAIL_HOST to let the console send mail.",
        )
    return ok("Mail", f"sent by {host}")


def _manage(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env=site.environment(),
        capture_output=True,
        text=True,
    )


def _log(site: Site, name: str) -> str:
    return f"Read {site.places.logs / f'{name}.log'}."


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
