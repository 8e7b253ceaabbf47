"""Debian's SimpleSAMLphp as an identity provider for SAML, on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from astro_ui.bench.waiting import until
from tests.accounts.sso.saml.provider import Pair

HOME = Path("/usr/share/simplesamlphp")
PASSWORD = "at-the-provider"

_CONFIG = """<?php
$config = [
    'baseurlpath' => '{url}/simplesamlphp/', 'certdir' => '{home}/cert/',
    'loggingdir' => '{home}/log/', 'datadir' => '{home}/data/', 'tempdir' => '{home}/tmp',
    'metadatadir' => '{home}/metadata/',
    'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'secretsalt' => 'only-in-tests-{port}', 'auth.adminpassword' => 'only-in-tests',
    'technicalcontact_email' => 'na@example.org', 'timezone' => 'UTC',
    'trusted.url.domains' => null, 'logging.handler' => 'file',
    'logging.level' => SimpleSAML\\Logger::INFO, 'statistics.out' => [],
    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'session.cookie.secure' => false, 'session.cookie.samesite' => 'Lax',
    'session.phpsession.cookiename' => 'SimpleSAML', 'session.phpsession.savepath' => '{home}/tmp',
    'language.cookie.secure' => false, 'language.cookie.samesite' => 'Lax',
    'language.available' => ['en'], 'language.default' => 'en',
    'store.type' => 'phpsession', 'metadata.sources' => [['type' => 'flatfile']],
    'authproc.idp' => [], 'authproc.sp' => [],
];
"""
_PEOPLE = """<?php
$config = ['people' => ['exampleauth:UserPass',
    'mia:{password}' => ['email' => ['mia@example.com'], 'firstName' => ['Mia'],
        'lastName' => ['Meyer'], 'groups' => ['data', 'everybody']],
    'owen:{password}' => ['email' => ['owen@umbrella.example'], 'firstName' => ['Owen']],
]];
"""
_HOSTED = """<?php
$metadata['{url}/simplesamlphp/saml2/idp/metadata.php'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'idp.key', 'certificate' => 'idp.crt',
    'auth' => 'people',
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
];
"""
_REMOTE = """<?php
$metadata['{entity}'] = [
    'AssertionConsumerService' => '{acs}', 'SingleLogoutService' => '{sls}',
    'saml20.sign.assertion' => true, 'sign.logout' => true,
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    'simplesaml.nameidattribute' => 'email',
];
"""


@dataclass(frozen=True)
class SimpleSaml:
    url: str
    home: Path

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/simplesamlphp/saml2/idp/metadata.php"

    def knows(self, *, entity: str, acs: str, sls: str) -> None:
        """Make a console known to it, as its administrator would."""
        said = _REMOTE.format(entity=entity, acs=acs, sls=sls)
        (self.home / "metadata" / "saml20-sp-remote.php").write_text(said)

    def start_url(self, entity: str, relay: str = "") -> str:
        """Where a person begins at the provider."""
        more = f"&RelayState={relay}" if relay else ""
        return f"{self.url}/simplesamlphp/saml2/idp/SSOService.php?spentityid={entity}{more}"


@contextmanager
def simplesaml(home: Path, keys: Pair) -> Iterator[SimpleSaml]:
    """It signs with `keys`; people are mia, and owen of another domain."""
    php = shutil.which("php")
    if php is None or not HOME.is_dir():
        pytest.skip("SimpleSAMLphp is not installed (Debian: simplesamlphp php-cli php-xml …)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = SimpleSaml(f"http://127.0.0.1:{port}", home)
    _write(made, port, keys)
    environment = {
        "PATH": os.environ["PATH"],
        "SIMPLESAMLPHP_CONFIG_DIR": str(home / "config"),
        "PHP_CLI_SERVER_WORKERS": "4",  # one alone waits on the connection that a browser keeps
    }
    # Compiled files count for 2 s without a look: too long for what a test has just written
    fresh = ["-d", "opcache.enable=0"]
    command = [php, *fresh, "-S", f"127.0.0.1:{port}", "-t", str(home / "www")]
    with (home / "log" / "php.log").open("w") as log:
        server = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            until(lambda: _answers(made), "SimpleSAMLphp")
            yield made
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=10)


def _write(made: SimpleSaml, port: int, keys: Pair) -> None:
    for name in ("cert", "config", "data", "log", "metadata", "tmp", "www"):
        (made.home / name).mkdir(parents=True)
    (made.home / "www" / "simplesamlphp").symlink_to(HOME / "www")
    config = made.home / "config"
    values = {"url": made.url, "home": made.home, "port": port, "password": PASSWORD}
    for file, text in (
        (config / "config.php", _CONFIG),
        (config / "authsources.php", _PEOPLE),
        (made.home / "metadata" / "saml20-idp-hosted.php", _HOSTED),
    ):
        file.write_text(text.format(**values))
    (made.home / "cert" / "idp.key").write_bytes(keys.key)
    (made.home / "cert" / "idp.crt").write_text(keys.certificate)


def _answers(made: SimpleSaml) -> bool:
    return requests.get(made.metadata_url, timeout=5).ok
