"""From which address a passkey's answer must come.

A browser lets every host below `console.example.org` ask for the passkeys of that name, and the
library behind allauth accepts the answer. Airflows live at such hosts, and whoever writes DAGs
writes their pages: one could ask for a visitor's passkey and pass the answer on to the console.
So only the console's own origin counts, exactly.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings


def is_ours(credential: Any) -> bool:
    """Whether the browser says that the console's own page asked, in no frame of another."""
    try:
        encoded = str(credential["response"]["clientDataJSON"])
        said = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        return said["origin"] == _own() and not said.get("crossOrigin", False)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def is_possible() -> bool:
    """Whether browsers offer passkeys at the console's address: TLS or localhost, and a name."""
    base = urlsplit(settings.BASE_URL)
    host = base.hostname or ""
    return not _is_address(host) and (base.scheme == "https" or host == "localhost")


def _own() -> str:
    base = urlsplit(settings.BASE_URL)
    return f"{base.scheme}://{base.netloc}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def shape_is_sound(credential: Any) -> bool:
    """Whether it is an object with an answer inside; what else it is the library looks at."""
    return isinstance(credential, Mapping) and isinstance(credential.get("response"), Mapping)
