"""How a state looks: one table from the word on the wire to tone, icon and the word people read.

Tones are the classes `tone-…` of static/css: ok, busy, bad, rest, unknown, warn, info.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """State is icon, word and colour, never colour alone."""

    tone: str
    icon: str
    label: str
    is_moving: bool = False


def _ok(label: str) -> Look:
    return Look("ok", "circle-filled", label)


def _done(label: str) -> Look:
    return Look("ok", "circle-check", label)


def _busy(label: str) -> Look:
    return Look("busy", "loader-2", label, is_moving=True)


def _bad(label: str) -> Look:
    return Look("bad", "triangle-filled", label)


def _rest(label: str, icon: str = "moon-filled") -> Look:
    return Look("rest", icon, label)


def _idle(label: str, icon: str = "circle-dashed") -> Look:
    return Look("unknown", icon, label)


LOOKS: dict[str, Look] = {
    # Deployments
    "creating": _busy("Creating"),
    "deploying": _busy("Deploying"),
    "healthy": _ok("Healthy"),
    "unhealthy": _bad("Unhealthy"),
    "unknown": _idle("Unknown", "help"),
    "hibernating": _rest("Hibernating"),
    "deleting": _busy("Deleting"),
    "deleted": _idle("Deleted", "trash"),
    # Steps, operations and deploys
    "waiting": _idle("Waiting"),
    "pending": _idle("Pending"),
    "initialized": _busy("Uploading"),
    "running": _busy("Running"),
    "succeeded": _done("Succeeded"),
    "deployed": _done("Deployed"),
    "done": _done("Done"),
    "canceled": _idle("Canceled", "ban"),
    "failed": _bad("Failed"),
    "skipped": _idle("Skipped", "player-skip-forward"),
    # Runs and tasks of Airflow
    "success": _done("Success"),
    "queued": _idle("Queued", "clock"),
    "scheduled": _idle("Scheduled", "clock"),
    "upstream_failed": Look("warn", "alert-triangle", "Upstream failed"),
    "up_for_retry": Look("warn", "refresh", "Up for retry"),
    "up_for_reschedule": _busy("Up for reschedule"),
    "restarting": _busy("Restarting"),
    "deferred": _rest("Deferred", "hourglass"),
    "removed": _idle("Removed", "trash"),
    "no_status": _idle("No status", "circle"),
    "paused": _idle("Paused", "player-pause"),
    "active": _ok("Active"),
    # Parts of the console, and work that ought to have ended
    "ok": _done("Well"),
    "warning": Look("warn", "alert-triangle", "Warning"),
    "problem": _bad("Problem"),
    "stuck": _bad("Stuck"),
    # People, tokens and invitations
    "invited": _idle("Invited", "mail"),
    "expired": Look("warn", "clock", "Expired"),
    "revoked": _idle("Revoked", "ban"),
    "suspended": Look("warn", "ban", "Suspended"),
}


def look(state: object) -> Look:
    """Return how a state looks; a word nobody listed is shown as it is, in grey."""
    word = str(getattr(state, "value", state) or "unknown")
    known = LOOKS.get(word.lower())
    return known or _idle(word.replace("_", " ").capitalize(), "help")
