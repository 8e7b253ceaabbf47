"""The objects inside a Deployment."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.v1.wire.base import Shown


class DeploymentEnvironmentVariable(Shown[Any]):
    key = serializers.CharField()
    value = serializers.CharField()
    isSecret = serializers.BooleanField()
    updatedAt = serializers.DateTimeField()


class WorkerQueue(Shown[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    isDefault = serializers.BooleanField()
    astroMachine = serializers.CharField()
    minWorkerCount = serializers.IntegerField()
    maxWorkerCount = serializers.IntegerField()
    workerConcurrency = serializers.IntegerField()
    podCpu = serializers.CharField()
    podMemory = serializers.CharField()
    podEphemeralStorage = serializers.CharField()


class DeploymentHibernationOverride(Shown[Any]):
    isActive = serializers.BooleanField()
    isHibernating = serializers.BooleanField()


class DeploymentHibernationSpec(Shown[Any]):
    override = DeploymentHibernationOverride()
    schedules = serializers.ListField(child=serializers.DictField())


class DeploymentScalingSpec(Shown[Any]):
    hibernationSpec = DeploymentHibernationSpec()


class DeploymentHibernationStatus(Shown[Any]):
    isHibernating = serializers.BooleanField()
    reason = serializers.CharField()


class DeploymentScalingStatus(Shown[Any]):
    hibernationStatus = DeploymentHibernationStatus()
