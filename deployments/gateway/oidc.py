"""Airflow 2 signs people in by OpenID Connect: one client of the console for each Deployment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from access.actor import Origin
from access.permissions import Permission
from access.policy import require
from accounts.middleware import person
from accounts.models import User
from deployments import identity
from deployments.gateway.addresses import Pattern
from deployments.models import Deployment
from deployments.provisioners.base import OidcClient
from web.errors import NotFound

_PREFIX = "airflow-"
_SCOPES = ["openid", "email", "profile"]


def client_of(deployment: Deployment) -> OidcClient:
    """Its client, made or brought up to date.

    The secret is derived from the console's own key and kept nowhere, only its hash is.
    """
    client_id = f"{_PREFIX}{deployment.pk}"
    secret = salted_hmac("deployments.gateway.oidc", deployment.pk, algorithm="sha256").hexdigest()
    base_url = Pattern.configured().of(deployment.namespace).base_url
    _keep(client_id, secret, redirect_uri=f"{base_url}oauth-authorized/console")
    return OidcClient(client_id, secret, settings.INTERNAL_URL + reverse("idp:oidc:configuration"))


def claims(client_id: str, user: User) -> Mapping[str, Any] | None:
    """What an Airflow learns about a person besides the usual; None: no client of ours.

    A rule of `accounts.openid`. Raises NotFound or PermissionDenied where the person may not
    enter this Airflow.
    """
    if not client_id.startswith(_PREFIX):
        return None
    actor = person(user, Origin())  # from where is asked by the door, which comes before and after
    deployment = Deployment.objects.present().get_visible(
        actor, Permission.DEPLOYMENT_GET, pk=client_id.removeprefix(_PREFIX)
    )
    require(actor, Permission.DEPLOYMENT_AIRFLOW_WEBSITE_GET, deployment)
    role = identity.airflow_role(actor, deployment)
    if role is None:
        raise NotFound("None of your roles opens this Airflow.")
    return {"role_keys": [role]}


def _keep(client_id: str, secret: str, *, redirect_uri: str) -> None:
    """Hashing is slow on purpose, so it is done only when something changed."""
    facts = {
        "secret": hashlib.sha256(secret.encode()).hexdigest(),
        "redirect_uri": redirect_uri,
    }
    if Client.objects.filter(pk=client_id, data=facts).exists():
        return
    client = Client(pk=client_id, name=client_id, skip_consent=True, data=facts)
    client.set_secret(secret)
    client.set_scopes(_SCOPES)
    client.set_redirect_uris([redirect_uri])
    client.save()
