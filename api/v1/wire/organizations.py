from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Organization
from api.v1.subjects import person


class OrganizationJson(serializers.Serializer[Organization]):
    """`product` is always HOSTED: the CLI offers its flags for hosted Deployments only then."""

    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField()
    product = serializers.ReadOnlyField(default="HOSTED")
    productPlans = serializers.ReadOnlyField(default=[])
    isScimEnabled = serializers.ReadOnlyField(default=False)
    hasAllowedIpAddressRanges = serializers.ReadOnlyField(default=False)
    allowEnhancedSupportAccess = serializers.ReadOnlyField(default=False)
    isBlockedEnableAiFeatures = serializers.ReadOnlyField(default=False)
    shouldEnforceDedicatedClusters = serializers.ReadOnlyField(default=False)
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    createdBy = serializers.SerializerMethodField()
    updatedBy = serializers.SerializerMethodField()

    def get_createdBy(self, organization: Organization) -> dict[str, Any]:
        return person(None)

    get_updatedBy = get_createdBy
