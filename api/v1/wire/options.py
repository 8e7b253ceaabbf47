"""What a new Deployment can be made of: the published sizes, and the runtimes of this machine."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.v1.wire.base import Query, Shown
from api.v1.wire.deployment_requests import MACHINES
from api.v1.wire.fields import Choice, Text
from api.v1.wire.workspaces import CLOUDS
from deployments.models import Deployment

# Source: cloud-ui-features.md section 3.5, the tables of schedulers and worker machines.
SCHEDULERS = {
    "SMALL": ("1", "2Gi"),
    "MEDIUM": ("2", "4Gi"),
    "LARGE": ("4", "8Gi"),
    "EXTRA_LARGE": ("8", "16Gi"),
}
_VCPUS = (1, 2, 4, 8, 12, 24, 32)


class Range(Shown[Any]):
    floor = serializers.FloatField()
    default = serializers.FloatField()
    ceiling = serializers.FloatField()


class ResourceRange(Shown[Any]):
    floor = serializers.CharField()
    default = serializers.CharField()
    ceiling = serializers.CharField()


class ResourceOption(Shown[Any]):
    cpu = ResourceRange()
    memory = ResourceRange()


class ResourceQuotaOptions(Shown[Any]):
    resourceQuota = ResourceOption()
    defaultPodSize = ResourceOption()


class MachineSpec(Shown[Any]):
    optional = frozenset({"concurrency", "ephemeralStorage"})

    cpu = serializers.CharField()
    memory = serializers.CharField()
    ephemeralStorage = serializers.CharField(default=None)
    concurrency = serializers.FloatField(default=None)


class SchedulerMachine(Shown[Any]):
    name = serializers.ChoiceField(choices=tuple(SCHEDULERS))
    spec = MachineSpec()


class WorkerMachine(Shown[Any]):
    name = serializers.ChoiceField(choices=MACHINES)
    spec = MachineSpec()
    concurrency = Range()


class WorkerQueueOptions(Shown[Any]):
    minWorkers = Range()
    maxWorkers = Range()
    workerConcurrency = Range()


class RuntimeRelease(Shown[Any]):
    """`releaseDate` of a build whose day was never published: that of the newest one before it."""

    version = serializers.CharField()
    airflowVersion = serializers.CharField(source="airflow_version")
    channel = serializers.CharField()
    releaseDate = serializers.DateTimeField(source="released_at")
    airflowDatabaseMigration = serializers.BooleanField(default=False)
    stellarDatabaseMigration = serializers.BooleanField(default=False)


class DeploymentOptions(Shown[Any]):
    executors = serializers.ListField(child=serializers.CharField())
    runtimeReleases = RuntimeRelease(many=True)
    schedulerMachines = SchedulerMachine(many=True)
    workerMachines = WorkerMachine(many=True)
    workerQueues = WorkerQueueOptions()
    resourceQuotas = ResourceQuotaOptions()


class DeploymentOptionsQuery(Query):
    deploymentId = Text(max_length=25, required=False)
    deploymentType = Choice(["DEDICATED", "HYBRID", "STANDARD"], required=False)
    executor = Choice(Deployment.Executor.values, required=False)
    cloudProvider = Choice(CLOUDS, required=False)


def published() -> dict[str, Any]:
    """Everything that is the same for each Organization."""
    return {
        "executors": Deployment.Executor.values,
        "schedulerMachines": [
            {"name": name, "spec": {"cpu": cpu, "memory": memory}}
            for name, (cpu, memory) in SCHEDULERS.items()
        ],
        "workerMachines": [_machine(*each) for each in zip(MACHINES, _VCPUS, strict=True)],
        "workerQueues": {
            "minWorkers": _range(0, 1, 1),
            "maxWorkers": _range(1, 1, 100),
            "workerConcurrency": _range(1, 5, 480),
        },
        "resourceQuotas": {
            "resourceQuota": {
                "cpu": _range("1", "10", "6400"),
                "memory": _range("2Gi", "20Gi", "12800Gi"),
            },
            "defaultPodSize": {
                "cpu": _range("0.25", "0.25", "6400"),
                "memory": _range("0.5Gi", "0.5Gi", "12800Gi"),
            },
        },
    }


def _machine(name: str, vcpus: int) -> dict[str, Any]:
    spec = {
        "cpu": str(vcpus),
        "memory": f"{2 * vcpus}Gi",
        "ephemeralStorage": "10Gi",
        "concurrency": 5 * vcpus,
    }
    return {"name": name, "spec": spec, "concurrency": _range(1, 5 * vcpus, 15 * vcpus)}


def _range(floor: Any, default: Any, ceiling: Any) -> dict[str, Any]:
    return {"floor": floor, "default": default, "ceiling": ceiling}
