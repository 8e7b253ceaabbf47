"""Deploying from a shell: what the page offers to copy."""

from __future__ import annotations

from django.conf import settings

from deployments.models import Deployment

_CURL = """\
export ASTRO_API_TOKEN='{token}'
DEPLOYS='{base}/v1/organizations/{organization}/deployments/{deployment}/deploys'

# The token goes through a file descriptor, so that no process list shows it (bash).
api() {{ curl -sS --fail-with-body \\
  -K <(printf 'header = "Authorization: Bearer %s"\\n' "$ASTRO_API_TOKEN") \\
  -H 'Content-Type: application/json' "$@"; }}
field() {{ python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }}

tar -czf bundle.tar.gz dags
DEPLOY=$(api "$DEPLOYS" -d '{{"type": "DAG_ONLY", "description": "from curl"}}') &&
VERSION=$(curl -sS --fail -o /dev/null -D - -T bundle.tar.gz -H 'x-ms-blob-type: BlockBlob' \\
  "$(field dagsUploadUrl <<<"$DEPLOY")" | tr -d '\\r' | sed -n 's/^x-ms-version-id: //Ip') &&
api "$DEPLOYS/$(field id <<<"$DEPLOY")/finalize" -d "{{\\"dagTarballVersion\\": \\"$VERSION\\"}}"
"""

_ASTRO = """\
export ASTRO_DOMAIN=localhost ASTRO_API_TOKEN='<an API token of this Deployment>'
astro config set -g local.core {base}
astro deploy {deployment} --dags
"""


def curl(deployment: Deployment, *, token: str = "<an API token of this Deployment>") -> str:  # noqa: S107
    """Create, upload, finalize; with the token filled in where it is shown once."""
    return _CURL.format(
        base=settings.BASE_URL,
        organization=deployment.organization_id,
        deployment=deployment.pk,
        token=token,
    )


def astro(deployment: Deployment) -> str:
    return _ASTRO.format(base=settings.BASE_URL, deployment=deployment.pk)
