"""Debian's Caddy and nginx before the console, with the configurations that we ship."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from astro_ui.up.site import CHECKOUT
from tests.gateway.stage import wait_for
from tests.web import certificates

SHIPPED = CHECKOUT / "docs" / "front-proxy"
CONSOLE, AIRFLOWS = "console.example.com", "airflow.example.com"
KEY = "the value of ASTRO_UI_FRONT_PROXY_KEY"


@dataclass(frozen=True)
class Front:
    """One front proxy: where it listens and whom it stands before."""

    folder: Path
    port: int
    console_port: int

    @property
    def certificate(self) -> Path:
        return self.folder / "tls.crt"

    @property
    def key(self) -> Path:
        return self.folder / "tls.key"


@contextmanager
def running(kind: str, front: Front) -> Iterator[ssl.SSLContext]:
    """Yields what a browser needs to believe its certificate."""
    certificates.made(front.folder, CONSOLE, f"*.{AIRFLOWS}")
    command, environment = {"caddy": _caddy, "nginx": _nginx}[kind](front)
    with (front.folder / "out").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    context = ssl.create_default_context(cafile=str(front.certificate))
    try:
        wait_for(lambda: _answers(front, process, context), what=f"{kind} listens")
        yield context
    finally:
        process.terminate()
        process.wait(10)


def _answers(front: Front, process: subprocess.Popen[bytes], context: ssl.SSLContext) -> bool:
    assert process.poll() is None, (front.folder / "out").read_text()
    try:
        with (
            socket.create_connection(("127.0.0.1", front.port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=CONSOLE),
        ):
            return True
    except OSError:
        return False


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip(f"no {name}: install Debian's package {name}")
    return found


def _caddy(front: Front) -> tuple[list[str], dict[str, str]]:
    environment = {
        "HOME": str(front.folder),
        "HTTPS_PORT": str(front.port),
        "CONSOLE": f"127.0.0.1:{front.console_port}",
        "CONSOLE_HOST": CONSOLE,
        "AIRFLOW_HOST": AIRFLOWS,
        "TLS_CERTIFICATE": str(front.certificate),
        "TLS_KEY": str(front.key),
        "ASTRO_UI_FRONT_PROXY_KEY": KEY,
    }
    configuration = ["--config", str(SHIPPED / "Caddyfile"), "--adapter", "caddyfile"]
    return [_program("caddy"), "run", *configuration], environment


def _nginx(front: Front) -> tuple[list[str], dict[str, str]]:
    text = (SHIPPED / "nginx.conf").read_text(encoding="utf-8")
    for shipped, here in {
        "127.0.0.1:8000": f"127.0.0.1:{front.console_port}",
        "listen 443 ssl": f"listen 127.0.0.1:{front.port} ssl",
        "/etc/astro-ui/tls.crt": str(front.certificate),
        "/etc/astro-ui/tls.key": str(front.key),
    }.items():
        assert shipped in text
        text = text.replace(shipped, here)
    folder = front.folder
    (folder / "astro-ui.conf").write_text(text, encoding="utf-8")
    account = "user root;" if os.geteuid() == 0 else ""  # else it may not enter this folder
    whole = f"""{account} daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/astro-ui.conf;
}}
"""
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    return [_program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")], {}
