"""One person with a session and a pass to one Deployment, in the database of a measurement.

python -m astro_ui.bench.stand_in_world ENDPOINT     prints namespace and cookie as JSON
"""

from __future__ import annotations

import json
import os
import sys


def main(endpoint: str) -> dict[str, str]:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from access.roles import Role
    from accounts.models import Organization, OrganizationRoleBinding, User
    from deployments.gateway import passes
    from deployments.models import Cluster, Deployment, Wish
    from workspaces.models import Workspace

    person = User.objects.create_user("bench@example.com", full_name="Bench")
    organization = Organization.objects.create(name="Bench")
    OrganizationRoleBinding.objects.create(
        organization=organization, user=person, role=Role.ORGANIZATION_OWNER
    )
    workspace = Workspace.objects.create(organization=organization, name="Bench")
    deployment = Deployment.objects.create(
        organization=organization,
        workspace=workspace,
        cluster=Cluster.objects.get_or_create(name="bench", backend="memory")[0],
        name="bench",
        namespace="calm-comet-0001",
        runtime_version="3.3-8",
        status="HEALTHY",
        wish=Wish.RUNNING,
        is_settled=True,
        applied_generation=1,
        endpoint=endpoint,
    )
    session = SessionStore()
    session[SESSION_KEY] = person.pk
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    granted = passes.Pass(session.session_key or "", deployment.namespace)
    return {"namespace": deployment.namespace, "cookie": passes.seal(granted)}


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro_ui.settings")
    django.setup()
    print(json.dumps(main(sys.argv[1])))
