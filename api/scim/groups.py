"""`/Groups`: Teams of an Organization that its identity provider names and fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.db.models import F, OuterRef, QuerySet, Value

from accounts.models import ProvisionedGroup, ProvisionedMembership
from accounts.services.provisioning import groups
from accounts.services.provisioning.wanted import WantedGroup
from api.scim.calls import Answer, Call, version_of
from api.scim.errors import ScimError
from api.scim.filters.sources import Related, Source, Table
from api.scim.reading import Json
from api.scim.resources import GROUP, GROUP_URN
from api.scim.serving import Served

_TABLE = Table(
    GROUP,
    columns={
        "id": Source(F("pk"), is_never_null=True),
        "externalId": Source(F("external_id"), is_never_null=True, is_blank_absent=True),
        "displayName": Source(F("team__name"), is_never_null=True),
        "meta.created": Source(F("created_at"), is_never_null=True),
        "meta.lastModified": Source(F("updated_at"), is_never_null=True),
    },
    related={
        "members": Related(
            ProvisionedMembership.objects.filter(group=OuterRef("pk")),
            {
                "value": Source(F("member_id"), is_folded=True, is_never_null=True),
                "type": Source(Value("User"), is_never_null=True),
            },
        )
    },
)


class Groups(Served[ProvisionedGroup, WantedGroup]):
    table = _TABLE
    related, related_endpoint = "members", "Users"
    is_related_at_once = True
    named, longest_name = "displayName", 100

    def patch(self, call: Call, resource_id: str) -> Answer:
        """204, as Entra ID expects of groups; the resource where `attributes` ask for some."""
        changed = self.patched(call, resource_id)
        if "attributes" in call.query or "excludedAttributes" in call.query:
            return self.answer(call, 200, changed)
        return Answer(204, location=self.location(call, changed), version=version_of(changed))

    def rows(self, call: Call) -> QuerySet[ProvisionedGroup]:
        rows = ProvisionedGroup.objects.filter(organization=call.organization)
        return rows.select_related("team")

    def related_to(self, rows: Sequence[ProvisionedGroup]) -> Mapping[str, list[Json]]:
        entries = ProvisionedMembership.objects.filter(group__in=[each.pk for each in rows])
        found: dict[str, list[Json]] = {}
        pairs = entries.order_by("member_id").values_list("group_id", "member_id")
        for group, member in pairs:
            found.setdefault(group, []).append({"value": member, "type": "User"})
        return found

    def own(self, row: ProvisionedGroup) -> Json:
        members = [{"value": each} for each in sorted(groups.member_ids(row))]
        return {**self._named(row), **({"members": members} if members else {})}

    def described(self, row: ProvisionedGroup) -> Json:
        return {"schemas": [GROUP_URN], "id": row.pk, **self._named(row)}

    def wanted(self, name: str, external_id: str, resource: Json) -> WantedGroup:
        members = resource.get("members", [])
        if not all("value" in each for each in members):
            raise ScimError("Each member needs a value.", remedy="Send the id of the user.")
        return WantedGroup(name, external_id, frozenset(each["value"] for each in members))

    def make(self, call: Call, wanted: WantedGroup) -> ProvisionedGroup:
        return groups.create(call.organization, wanted=wanted, actor=call.actor)

    def alter(
        self, call: Call, row: ProvisionedGroup, change: Callable[[ProvisionedGroup], WantedGroup]
    ) -> ProvisionedGroup:
        return groups.change(row, change=change, actor=call.actor)

    def remove(
        self, call: Call, row: ProvisionedGroup, check: Callable[[ProvisionedGroup], object]
    ) -> None:
        groups.remove_provisioned_group(row, check=check, actor=call.actor)

    def _named(self, row: ProvisionedGroup) -> Json:
        said = {"externalId": row.external_id} if row.external_id else {}
        return {"displayName": row.team.name, **said}


GROUPS = Groups()
