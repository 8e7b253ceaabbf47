"""Real Airflow as processes on this machine: the embedded default.

An agent (`agent`) keeps every Deployment as wished; `LocalProvisioner` is its client.
"""

from .provisioner import LocalProvisioner

__all__ = ["LocalProvisioner"]
