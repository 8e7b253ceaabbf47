"""`/Users`: the people of an Organization as its identity provider keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from django.db.models import F, OuterRef, QuerySet

from accounts.models import ProvisionedMembership, ProvisionedUser
from accounts.services.provisioning import users
from accounts.services.provisioning.wanted import WantedUser
from api.scim.calls import Call
from api.scim.filters.sources import Related, Source, Table
from api.scim.reading import Json
from api.scim.resources import ENTERPRISE_URN, USER, USER_URN
from api.scim.serving import Served

_TABLE = Table(
    USER,
    columns={
        "id": Source(F("pk"), is_never_null=True),
        "externalId": Source(F("external_id"), is_never_null=True, is_blank_absent=True),
        "userName": Source(F("user_name_key"), is_folded=True, is_never_null=True),
        "active": Source(F("is_active"), is_never_null=True),
        "meta.created": Source(F("created_at"), is_never_null=True),
        "meta.lastModified": Source(F("updated_at"), is_never_null=True),
    },
    json="attributes",
    related={
        "groups": Related(
            ProvisionedMembership.objects.filter(member=OuterRef("pk")),
            {
                "value": Source(F("group_id"), is_folded=True, is_never_null=True),
                "display": Source(F("group__team__name"), is_never_null=True),
            },
        )
    },
)


class Users(Served[ProvisionedUser, WantedUser]):
    table = _TABLE
    related, related_endpoint = "groups", "Groups"
    is_related_at_once = False
    named, longest_name = "userName", 254

    def rows(self, call: Call) -> QuerySet[ProvisionedUser]:
        return ProvisionedUser.objects.filter(organization=call.organization)

    def related_to(self, rows: Sequence[ProvisionedUser]) -> Mapping[str, list[Json]]:
        entries = ProvisionedMembership.objects.filter(member__in=[each.pk for each in rows])
        found: dict[str, list[Json]] = {}
        for member, group, name in entries.order_by("group_id").values_list(
            "member_id", "group_id", "group__team__name"
        ):
            entry = {"value": group, "display": name, "type": "direct"}
            found.setdefault(member, []).append(entry)
        return found

    def own(self, row: ProvisionedUser) -> Json:
        said: Json = {"externalId": row.external_id} if row.external_id else {}
        if row.says_active:
            said["active"] = row.is_active
        return {"userName": row.user_name, **said, **row.attributes}

    def described(self, row: ProvisionedUser) -> Json:
        extended = [ENTERPRISE_URN] if ENTERPRISE_URN in row.attributes else []
        return {"schemas": [USER_URN, *extended], "id": row.pk, **self.own(row)}

    def wanted(self, name: str, external_id: str, resource: Json) -> WantedUser:
        is_active = resource.pop("active", None)
        resource.pop("password", None)
        return WantedUser(name, external_id, is_active, resource)

    def make(self, call: Call, wanted: WantedUser) -> ProvisionedUser:
        """Who is new is active unless the provider says otherwise."""
        usual = replace(wanted, is_active=wanted.is_active is not False)
        return users.create(call.organization, wanted=usual, actor=call.actor)

    def alter(
        self, call: Call, row: ProvisionedUser, change: Callable[[ProvisionedUser], WantedUser]
    ) -> ProvisionedUser:
        row.organization = call.organization
        return users.change(row, change=change, actor=call.actor)

    def remove(
        self, call: Call, row: ProvisionedUser, check: Callable[[ProvisionedUser], object]
    ) -> None:
        users.remove_provisioned_user(row, check=check, actor=call.actor)


USERS = Users()
