"""A wish for the contract suites."""

from __future__ import annotations

from secrets import token_hex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deployments.provisioners.base import DeploymentSpec, Executor, Identity


def make_spec(
    runtime_version: str = "3.3-8", executor: Executor = Executor.LOCAL
) -> DeploymentSpec:
    """A Deployment of its own for each call."""
    key = Ed25519PrivateKey.generate().public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    namespace = "brave-comet-1234"
    return DeploymentSpec(
        deployment_id=f"c{token_hex(12)}",
        organization_id="cacme00000000000000000000",
        namespace=namespace,
        generation=1,
        runtime_version=runtime_version,
        executor=executor,
        scheduler_size="SMALL",
        parallelism=4,
        base_url=f"http://{namespace}.localhost:8000/",
        console_url="http://localhost:8000/deployments/brave-comet",
        identity=Identity("astro-ui", pem, "http://localhost:8000/open"),
    )
