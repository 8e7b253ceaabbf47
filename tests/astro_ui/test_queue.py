from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "astro_ui.settings"
import django
django.setup()
from deployments.tasks import reconcile
def tell():
    print(reconcile.app.main)
thread = threading.Thread(target=tell)
thread.start()
thread.join()
"""


def test_a_web_process_sends_to_our_queue_from_every_thread() -> None:
    """A page that asks for work must not wait for the sweep."""
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    assert answer.stdout.decode().strip() == "astro_ui"
