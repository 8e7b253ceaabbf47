"""What a browser calls itself, in words that a person knows it by."""

from __future__ import annotations

import re

# The first that fits: most browsers also name those that they want to be taken for
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)\S* (?:Mobile/\S+ )?Safari/"),
    ("curl", r"^curl/(\d+)"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)
_MOST = 60


def name(user_agent: str) -> str:
    """For example `Firefox 131 on Linux`; what is unknown in its own words, cut short."""
    browser = next((f"{n} {m[1]}" for n, p in _BROWSERS if (m := re.search(p, user_agent))), "")
    system = next((n for n, p in _SYSTEMS if re.search(p, user_agent)), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or user_agent[:_MOST] or "Unknown browser"
