"""A real identity provider, Canaille: OpenID Connect, and SCIM pushed outward.

It lives in an environment of its own (`requirements/canaille.txt`), which is made once and kept
beside those of the Airflows: making it takes a minute.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from astro_ui.bench.stage import CHECKOUT
from astro_ui.bench.waiting import until
from astro_ui.embedded.places import free_port
from tests import environments

LOCK = CHECKOUT / "requirements" / "canaille.txt"
PASSWORD = "quiet-harbour-71"
SECONDS = 240
"""How long it may take to listen, on a machine that is busy."""


@dataclass(frozen=True)
class Canaille:
    address: str
    folder: Path

    @property
    def discovery_url(self) -> str:
        return f"{self.address}/.well-known/openid-configuration"

    def create_user(self, name: str, *, email: str, full_name: str) -> None:
        first, _, last = full_name.partition(" ")
        self.manage(
            "create", "user", "--user-name", name, "--password", PASSWORD, "--emails", email,
            "--given-name", first, "--family-name", last, "--formatted-name", full_name,
        )  # fmt: skip

    def create_client(self, *, redirect_uri: str, sign_out_uri: str) -> tuple[str, str]:
        """The id and secret of a console that signs people in here.

        By registration: a client that its command line makes is in no ID token's audience.
        """
        wanted = {
            "client_name": "Astro UI",
            "redirect_uris": [redirect_uri],
            "post_logout_redirect_uris": [sign_out_uri],
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic",
            "scope": "openid email profile",
        }
        with closing(
            http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        ) as asked:
            headers = {"Content-Type": "application/json"}
            asked.request("POST", "/oauth/register", json.dumps(wanted), headers)
            answer = asked.getresponse()
            said = json.loads(answer.read())
        assert answer.status == 201, said
        return said["client_id"], said["client_secret"]

    def push_to(self, base_url: str, *, bearer: str) -> None:
        """Have it tell a SCIM service of each change of its people and groups from now on.

        It tells clients that its people agreed to, and those of trusted domains without asking.
        """
        name, now = "provisioned", datetime.now(UTC).isoformat()
        self.manage(
            "create", "client", "--quiet", "--client-id", name, "--client-name", name,
            "--client-uri", base_url,
        )  # fmt: skip
        self.manage(
            "create", "token", "--quiet", "--token-id", name, "--client", name,
            "--access-token", bearer, "--issue-date", now, "--lifetime", "86400",
        )  # fmt: skip

    def manage(self, *arguments: str) -> str:
        """What its command line says."""
        done = subprocess.run(
            [_program(), *arguments], env=_variables(self.folder), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def installed() -> Iterator[Canaille]:
    """An empty one, which its command line changes; nobody listens."""
    with TemporaryDirectory(prefix="canaille-") as temporary:
        folder = Path(temporary)
        shutil.copy(_template(), folder / "canaille.sqlite")
        port = free_port()
        _configure(folder, port)
        yield Canaille(f"http://127.0.0.1:{port}", folder)


@contextmanager
def running() -> Iterator[Canaille]:
    """An empty one, on loopback."""
    with installed() as made:
        with (made.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [_program(), "run"], env=_variables(made.folder), stdout=log, stderr=log
            )
        try:
            until(lambda: _listens(made, process), "Canaille", seconds=SECONDS)
            yield made
        finally:
            process.terminate()
            process.wait(20)


def _listens(made: Canaille, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, (made.folder / "log").read_text()
    asked = http.client.HTTPConnection(urlsplit(made.address).netloc, timeout=20)
    with suppress(OSError, http.client.HTTPException), closing(asked):
        asked.request("GET", urlsplit(made.discovery_url).path)
        return asked.getresponse().status == 200
    return False


def _configure(folder: Path, port: int) -> None:
    key = ", ".join(f"{name} = {json.dumps(value)}" for name, value in _key().items())
    (folder / "canaille.toml").write_text(
        f"""
SECRET_KEY = "{secrets.token_hex(16)}"
SERVER_NAME = "127.0.0.1:{port}"
PREFERRED_URL_SCHEME = "http"
[CANAILLE]
DATABASE = "sql"
[CANAILLE_SQL]
DATABASE_URI = "sqlite:///{folder / "canaille.sqlite"}"
[CANAILLE_OIDC]
REQUIRE_NONCE = false
DYNAMIC_CLIENT_REGISTRATION_OPEN = true
TRUSTED_DOMAINS = ["127.0.0.1", "localhost"]
ACTIVE_JWKS = [{{{key}}}]
[CANAILLE_SCIM]
ENABLE_CLIENT = true
[CANAILLE_HYPERCORN]
BIND = "127.0.0.1:{port}"
"""
    )


def _key() -> dict[str, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private))
    named = {name: value for name, value in made.items() if isinstance(value, str)}
    return {**named, "kid": "one", "use": "sig", "alg": "RS256"}


def _variables(folder: Path) -> dict[str, str]:
    config = str(folder / "canaille.toml")
    return {**os.environ, "CANAILLE_CONFIG": config, "CONFIG": config}


def _program() -> str:
    return str(_environment() / "bin" / "canaille")


def _template() -> Path:
    """A database as a fresh installation has it."""
    environment = _environment()
    made = environment / "template.sqlite"
    with _alone(made):
        if not made.exists():
            with TemporaryDirectory(prefix="canaille-") as temporary:
                folder = Path(temporary)
                _configure(folder, 1)
                Canaille("", folder).manage("install")
                shutil.move(folder / "canaille.sqlite", made)
    return made


def _environment() -> Path:
    """Made where it is missing; another lock makes another."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = environments.shared() / f"canaille-{digest}"
    with _alone(folder):
        if not (folder / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
            uv = Path(sys.executable).with_name("uv")
            install = ["pip", "install", "--quiet", "--no-config", "--require-hashes"]
            python = ["--python", str(folder / "bin" / "python")]
            subprocess.run([uv, *install, *python, "-r", LOCK], check=True)
            (folder / "complete").touch()
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
