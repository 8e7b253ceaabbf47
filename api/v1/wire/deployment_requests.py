"""What clients send to create or change a Deployment.

Sizes of pods, quotas, cloud and region are taken because clients send them with every request;
the local cluster runs processes and has no use for them. What would promise something that does
not hold here is refused instead.
"""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from rest_framework import serializers

from api.v1.wire.base import Asked
from api.v1.wire.fields import Absent, Choice, Email, Flag, Off, Text, Whole, pattern
from api.v1.wire.workspaces import CLOUDS
from deployments.models import Deployment
from deployments.services.create import MOST_CONTACTS
from deployments.services.variables import LONGEST_KEY, MOST_VARIABLES

MACHINES = ("A5", "A10", "A20", "A40", "A60", "A120", "A160")
_ONE_EACH = "The local cluster runs one of each component: leave it out or send false."
_NO_SCHEDULES = "Schedules are not there yet: use the hibernation override."


class DeploymentEnvironmentVariableRequest(Asked):
    """A secret without a value, or with an empty one, keeps the value that is stored."""

    key = Text(max_length=LONGEST_KEY)
    value = Text(required=False, allow_blank=True)
    isSecret = Flag()


class _Variables(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        child = DeploymentEnvironmentVariableRequest()
        super().__init__(child=child, max_length=MOST_VARIABLES, **options)


class WorkerQueueRequest(Asked):
    """Taken, as clients always send the queue `default`; the local cluster has just that one."""

    id = Text(max_length=25, required=False, allow_blank=True)
    name = Text(max_length=63, validators=[pattern("default", "The only queue here is default.")])
    astroMachine = Choice(MACHINES, required=False)
    isDefault = Flag()
    minWorkerCount = Whole(validators=[MinValueValidator(0, "Must be at least 0.")])
    maxWorkerCount = Whole(validators=[MinValueValidator(1, "Must be at least 1.")])
    workerConcurrency = Whole(validators=[MinValueValidator(1, "Must be at least 1.")])
    podEphemeralStorage = Text(max_length=20, required=False, allow_blank=True)


class DeploymentHibernationSpecRequest(Asked):
    override = Absent("Use the address of the hibernation override.")
    schedules = serializers.ListField(
        child=serializers.DictField(),
        max_length=0,
        required=False,
        error_messages={"max_length": _NO_SCHEDULES},
    )


class DeploymentScalingSpecRequest(Asked):
    hibernationSpec = DeploymentHibernationSpecRequest(required=False)


class DeploymentRemoteExecutionRequest(Asked):
    enabled = Off("Remote execution is not there yet: send false.")
    allowedIpAddressRanges = serializers.ListField(child=Text(max_length=50), required=False)
    taskLogBucket = Text(max_length=500, required=False, allow_blank=True)
    taskLogUrlPattern = Text(max_length=500, required=False, allow_blank=True)


class _DeploymentRequest(Asked):
    """What creating and changing have in common."""

    type = Choice(["STANDARD"], required=False)
    name = Text(max_length=500)
    description = Text(max_length=1000, required=False, allow_blank=True)
    workspaceId = Text(max_length=25)
    executor = Choice(Deployment.Executor.values, required=False)
    schedulerSize = Choice(Deployment.SchedulerSize.values, required=False)
    isDevelopmentMode = Flag(required=False)
    isCicdEnforced = Flag(required=False)
    isDagDeployEnabled = Flag(required=False)
    isHighAvailability = Off(_ONE_EACH, required=False)
    contactEmails = serializers.ListField(child=Email(), max_length=MOST_CONTACTS, required=False)
    environmentVariables = _Variables(required=False)
    workerQueues = serializers.ListField(child=WorkerQueueRequest(), max_length=1, required=False)
    scalingSpec = DeploymentScalingSpecRequest(required=False)
    remoteExecution = DeploymentRemoteExecutionRequest(required=False)
    defaultTaskPodCpu = Text(max_length=20, required=False, allow_blank=True)
    defaultTaskPodMemory = Text(max_length=20, required=False, allow_blank=True)
    resourceQuotaCpu = Text(max_length=20, required=False, allow_blank=True)
    resourceQuotaMemory = Text(max_length=20, required=False, allow_blank=True)
    workloadIdentity = Text(max_length=500, required=False, allow_blank=True)
    drWorkloadIdentity = Text(max_length=500, required=False, allow_blank=True)


class CreateDeploymentRequest(_DeploymentRequest):
    """Without `astroRuntimeVersion` it gets the newest runtime that this machine can carry."""

    astroRuntimeVersion = Text(max_length=40, required=False)
    clusterId = Text(max_length=25, required=False, allow_blank=True)
    cloudProvider = Choice(CLOUDS, required=False)
    region = Text(max_length=100, required=False, allow_blank=True)


class UpdateDeploymentRequest(_DeploymentRequest):
    """What is left out stays as it is. `environmentVariables` is the whole list."""

    type = Choice(["STANDARD"])
    executor = Choice(Deployment.Executor.values)
    schedulerSize = Choice(Deployment.SchedulerSize.values)
    isCicdEnforced = Flag()
    isDagDeployEnabled = Flag()
    isHighAvailability = Off(_ONE_EACH)
    environmentVariables = _Variables()


class OverrideDeploymentHibernationBody(Asked):
    isHibernating = Flag()
    overrideUntil = Absent("Nothing ends by itself here: leave it out, and wake it when you like.")
