"""A part of the console that somebody stopped goes on by itself."""

from __future__ import annotations

import os
import signal
import subprocess

import psutil

from astro_ui.up.waking import Waker
from tests.provisioners.cluster import until


def test_what_stands_still_at_two_looks_goes_on() -> None:
    with subprocess.Popen(["/bin/sleep", "600"]) as child:
        process, waker = psutil.Process(child.pid), Waker(os.getpid())
        child.send_signal(signal.SIGSTOP)
        until(lambda: process.status() == psutil.STATUS_STOPPED, "stopped")

        assert waker.look() == [], "it may be but a moment"
        assert waker.look() == [child.pid]

        assert process.status() != psutil.STATUS_STOPPED
        assert waker.look() == []
        child.kill()
