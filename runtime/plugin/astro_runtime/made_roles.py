"""Airflow 2: a role of Flask-AppBuilder for each set of permissions that somebody holds.

Its name says what it holds, so it never changes: it is made when somebody first needs it and
removed once nobody has it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from astro_runtime.permissions import ROLES
from astro_runtime.permissions_2 import LEFT_TO_ADMIN, rights

PREFIX = "console-"


def beyond(role: str, held: frozenset[str]) -> list[tuple[str, str]]:
    """What somebody may do besides what their Airflow role says."""
    covered = ROLES[role] if role == "Admin" else ROLES[role] - LEFT_TO_ADMIN
    return rights(held - covered)


def names(wanted: list[tuple[str, str]]) -> set[str]:
    """What the role is called that holds `wanted`; none where that is nothing."""
    return {_name(wanted)} if wanted else set()


def _name(wanted: list[tuple[str, str]]) -> str:
    written = "\n".join(f"{action} {resource}" for action, resource in wanted)
    return PREFIX + hashlib.sha256(written.encode()).hexdigest()[:40]


def is_made(role: Any) -> bool:
    return bool(role.name.startswith(PREFIX))


def find_or_make(manager: Any, wanted: list[tuple[str, str]]) -> Any:
    """The role that holds exactly `wanted`, complete before anybody can have it."""
    name = _name(wanted)
    found = manager.find_role(name)
    if found is not None:
        return found
    permissions = [manager.create_permission(*right) for right in wanted]
    session = manager.get_session
    try:
        role = manager.role_model(name=name, permissions=permissions)
        session.add(role)
        session.commit()
    except IntegrityError:
        # Another request was faster
        session.rollback()
        return manager.find_role(name)
    return role


def remove_unused(manager: Any, roles: list[Any]) -> None:
    """Remove those of `roles` that were made and that nobody has any more."""
    session = manager.get_session
    for role in filter(is_made, roles):
        held = session.query(manager.user_model).filter(manager.user_model.roles.contains(role))
        if session.query(held.exists()).scalar():
            continue
        try:
            session.delete(role)
            session.commit()
        except SQLAlchemyError:
            # Somebody got it this moment, or another request removed it
            session.rollback()
