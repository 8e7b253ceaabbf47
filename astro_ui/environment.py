"""Settings from the process environment, with every fault reported together."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path


class SettingsError(Exception):
    """What is wrong with the environment, one line for each fault."""


class Environment:
    """Reads variables; `NAME_FILE` may name a file that holds the value of `NAME`."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return os.environ.get(name, default)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            self.faults.append(f"{name}_FILE cannot be read: {error}")
            return default

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name).lower()
        if value not in {"", "0", "1", "false", "true", "no", "yes"}:
            self.faults.append(f"{name} is {value!r}; write true or false")
        return value in {"1", "true", "yes"} if value else default

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        try:
            return int(value) if value else default
        except ValueError:
            self.faults.append(f"{name} is {value!r}; write a whole number")
            return default

    def words(self, name: str, default: str = "") -> list[str]:
        return [word for word in self.text(name, default).replace(",", " ").split() if word]

    def networks(self, name: str) -> list[str]:
        """IP addresses and networks, as `10.0.0.0/8`."""
        found = self.words(name)
        for word in found:
            try:
                ip_network(word)
            except ValueError as error:
                self.faults.append(f"{name}: {error}")
        return found

    def finish(self) -> None:
        """Raise SettingsError with every fault that was met."""
        if self.faults:
            raise SettingsError("\n".join(self.faults))
