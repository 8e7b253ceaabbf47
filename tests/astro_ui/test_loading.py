"""The process from which web, worker and beat are forked shares nothing with them by accident."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os, sys, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "astro_ui.settings"
from astro_ui.up import loading
before = os.listdir("/proc/self/fd")
loading.load()
print(os.listdir("/proc/self/fd") == before, threading.active_count())
from django.db import connections
print(connections["default"].connection, "astro_ui.asgi" in sys.modules)
"""


def test_loading_opens_no_socket_no_file_and_no_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.splitlines() == ["True 1", "None False"]
