from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Organization
from api.v1.wire.base import Asked, NamedPage, Query, Shown, page_of
from api.v1.wire.fields import Email, Flag, Off, QueryFlag, Text
from api.v1.wire.subjects import BasicSubjectProfile, person


class OrganizationJson(Shown[Organization]):
    """`product` is always HOSTED: the CLI offers its flags for hosted Deployments only then."""

    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=Organization.Status.values)
    product = serializers.ChoiceField(choices=["HOSTED", "HYBRID"], default="HOSTED")
    productPlans = serializers.ListField(child=serializers.DictField(), default=list)
    isScimEnabled = serializers.BooleanField(source="is_scim_on")
    hasAllowedIpAddressRanges = serializers.BooleanField(default=False)
    allowEnhancedSupportAccess = serializers.BooleanField(default=False)
    isBlockedEnableAiFeatures = serializers.BooleanField(default=False)
    shouldEnforceDedicatedClusters = serializers.BooleanField(default=False)
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    createdBy = serializers.SerializerMethodField()
    updatedBy = serializers.SerializerMethodField()

    @extend_schema_field(BasicSubjectProfile)
    def get_createdBy(self, organization: Organization) -> dict[str, Any]:
        return person(None)

    get_updatedBy = get_createdBy


OrganizationsPaginated = page_of("OrganizationsPaginated", "organizations", OrganizationJson)


class OrganizationsQuery(NamedPage):
    """The console has one product and no plans, so these two narrow nothing."""

    product = Text(required=False)
    productPlan = Text(required=False)
    astronomerProduct = Text(required=False)


class OrganizationQuery(Query):
    isLookUpOnly = QueryFlag(required=False)


_NO_SUPPORT = "There is nobody to give this access to: leave it out or send false."


class UpdateOrganizationRequest(Asked):
    """`billingEmail` is taken because clients must send it, and not kept: there are no bills."""

    name = Text(max_length=50)
    billingEmail = Email(required=False, allow_blank=True)
    isScimEnabled = Flag(required=False)
    allowEnhancedSupportAccess = Off(_NO_SUPPORT, required=False)
    hasAiFeaturesDisabled = Flag(required=False)
    shouldEnforceDedicatedClusters = Off("There are no dedicated clusters.", required=False)
