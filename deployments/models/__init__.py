from deployments.models.bindings import DeploymentRoleBinding
from deployments.models.cluster import Cluster
from deployments.models.deploy import Deploy
from deployments.models.deployment import Deployment, StatusChange, Wish
from deployments.models.environment import EnvironmentVariable
from deployments.models.operation import Operation, OperationStep

__all__ = [
    "Cluster",
    "Deploy",
    "Deployment",
    "DeploymentRoleBinding",
    "EnvironmentVariable",
    "Operation",
    "OperationStep",
    "StatusChange",
    "Wish",
]
