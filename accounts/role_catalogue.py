"""Rights as people read and tick them: in groups by what they are about."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from access.permissions import Permission
from runtime.plugin.astro_runtime import permissions as airflow_3
from runtime.plugin.astro_runtime import permissions_2 as airflow_2

_AIRFLOW = "deployment.airflow."
_GESTURES = {
    "get": "Read",
    "getBasic": "See it and its name",
    "create": "Create",
    "update": "Change",
    "delete": "Delete",
    "rotate": "Rotate",
    "updateRoles": "Change roles",
}
_WORDS = {"api": "API", "ip": "IP", "ide": "IDE", "sso": "SSO", "scim": "SCIM", "dag": "DAG"}
_WORDS |= {"xcom": "XCom", "sla": "SLA"}


@dataclass(frozen=True)
class Right:
    """One permission with what it has no effect on."""

    permission: Permission
    label: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Rights on one thing."""

    key: str
    title: str
    section: str
    """`Organization`, `Workspace`, `Deployment` or `Airflow`."""
    rights: tuple[Right, ...]

    def matches(self, words: str) -> bool:
        """Whether a search finds it, by its own title or by one of its permissions."""
        texts = [self.title, self.section, *(right.permission for right in self.rights)]
        return words.strip().lower() in " ".join(texts).lower()


def groups(permissions: Iterable[Permission]) -> list[Group]:
    """In the order of the catalogue."""
    found: dict[str, list[Permission]] = {}
    given = frozenset(permissions)
    for permission in Permission:
        if permission in given:
            found.setdefault(permission.rpartition(".")[0], []).append(permission)
    return [_group(key, rights) for key, rights in found.items()]


def ids_of(key: str, permissions: Collection[Permission]) -> set[str]:
    """The ids of one group."""
    return {p.value for p in permissions if p.rpartition(".")[0] == key}


def without_effect(permission: Permission) -> tuple[str, ...]:
    """Which Airflows never ask for it."""
    if not permission.startswith(_AIRFLOW):
        return ()
    name = permission.removeprefix(_AIRFLOW)
    asks = {"3": airflow_3.has_effect(name), "2": name in airflow_2.GIVES}
    return tuple(
        f"no effect on Airflow {major}" for major, is_asked in asks.items() if not is_asked
    )


def _group(key: str, permissions: list[Permission]) -> Group:
    is_airflow = f"{key}.".startswith(_AIRFLOW)
    section = "Airflow" if is_airflow else key.partition(".")[0].title()
    thing = key.removeprefix(_AIRFLOW) if is_airflow else key.partition(".")[2]
    return Group(key, _title(thing) or f"The {section} itself", section, _rights(permissions))


def _rights(permissions: list[Permission]) -> tuple[Right, ...]:
    return tuple(Right(p, _label(p), without_effect(p)) for p in permissions)


def _label(permission: Permission) -> str:
    gesture = permission.rpartition(".")[2]
    return _GESTURES.get(gesture) or gesture.capitalize()


def _title(thing: str) -> str:
    words = re.sub(r"([A-Z])", r" \1", thing).lower().split()
    shown = " ".join(_WORDS.get(word, word) for word in words)
    return shown[:1].upper() + shown[1:]
