"""The resource types that are served: User with the enterprise extension, and Group.

Source: RFC 7643, sections 4.1 to 4.3 and 8.7.1; `tests/api/scim` holds it to that.
"""

from __future__ import annotations

from api.scim.schema import Attribute, Kind, Schema

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"


def _several(
    name: str,
    description: str,
    *,
    value: str = "string",
    kinds: tuple[str, ...] = (),
    references: tuple[str, ...] = (),
    is_case_exact: bool = False,
) -> Attribute:
    """A list of values, each with a type, a label and perhaps the mark of the main one."""
    own = Attribute(
        "value", value, references=references, is_case_exact=is_case_exact, description=description
    )
    subs = (
        own,
        Attribute("display", description="A label for people."),
        Attribute("type", canonical=kinds, description="What it is used for."),
        Attribute("primary", "boolean", description="Whether it is the preferred one."),
    )
    return Attribute(name, "complex", is_many=True, subs=subs, description=description)


_NAME = Attribute(
    "name",
    "complex",
    description="The parts of the person's name.",
    subs=tuple(
        Attribute(each)
        for each in (
            "formatted", "familyName", "givenName", "middleName", "honorificPrefix",
            "honorificSuffix",
        )
    ),
)  # fmt: skip
_ADDRESSES = Attribute(
    "addresses",
    "complex",
    is_many=True,
    description="Postal addresses.",
    subs=(
        *(
            Attribute(each)
            for each in (
                "formatted", "streetAddress", "locality", "region", "postalCode", "country",
            )
        ),
        Attribute("type", canonical=("work", "home", "other")),
        Attribute("primary", "boolean"),
    ),
)  # fmt: skip
_GROUPS = Attribute(
    "groups",
    "complex",
    is_many=True,
    mutability="readOnly",
    description="The groups that the person is in; changed by way of those.",
    subs=(
        Attribute("value", mutability="readOnly", description="The group's id."),
        Attribute(
            "$ref", "reference", is_case_exact=True, mutability="readOnly", references=("Group",)
        ),
        Attribute("display", mutability="readOnly"),
        Attribute("type", mutability="readOnly", canonical=("direct",)),
    ),
)
_PHONES = ("work", "home", "mobile", "fax", "pager", "other")
_IMS = ("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo")

_USER = Schema(
    USER_URN,
    "User",
    "A person",
    (
        Attribute(
            "userName",
            is_required=True,
            uniqueness="server",
            description="By what the person signs in; an e-mail address makes an account.",
        ),
        _NAME,
        Attribute("displayName"),
        Attribute("nickName"),
        Attribute("profileUrl", "reference", is_case_exact=True, references=("external",)),
        Attribute("title"),
        Attribute("userType"),
        Attribute("preferredLanguage"),
        Attribute("locale"),
        Attribute("timezone"),
        Attribute("active", "boolean", description="False shuts the person out within a second."),
        Attribute(
            "password",
            mutability="writeOnly",
            returned="never",
            description="Taken and not kept: people sign in at their identity provider.",
        ),
        _several("emails", "E-mail addresses.", kinds=("work", "home", "other")),
        _several("phoneNumbers", "Telephone numbers.", kinds=_PHONES),
        _several("ims", "Addresses for instant messages.", kinds=_IMS),
        _several(
            "photos",
            "Addresses of pictures.",
            value="reference",
            kinds=("photo", "thumbnail"),
            references=("external",),
            is_case_exact=True,
        ),
        _ADDRESSES,
        _GROUPS,
        _several("entitlements", "What the person is entitled to elsewhere."),
        _several("roles", "Roles elsewhere; those of the console are given in the console."),
        _several("x509Certificates", "Certificates.", value="binary", is_case_exact=True),
    ),
)
_ENTERPRISE = Schema(
    ENTERPRISE_URN,
    "EnterpriseUser",
    "A person in a company",
    (
        *(
            Attribute(each)
            for each in ("employeeNumber", "costCenter", "organization", "division", "department")
        ),
        Attribute(
            "manager",
            "complex",
            description="Whom the person reports to.",
            subs=(
                Attribute("value", description="The manager's id."),
                Attribute("$ref", "reference", is_case_exact=True, references=("User",)),
                Attribute("displayName", mutability="readOnly"),
            ),
        ),
    ),
)
_GROUP = Schema(
    GROUP_URN,
    "Group",
    "A group of people; a Team of the Organization",
    (
        Attribute(
            "displayName",
            is_required=True,
            uniqueness="server",
            description="The Team's name, 1 to 100 characters.",
        ),
        Attribute(
            "members",
            "complex",
            is_many=True,
            description="The people in it.",
            subs=(
                Attribute("value", mutability="immutable", description="The user's id."),
                Attribute(
                    "$ref",
                    "reference",
                    is_case_exact=True,
                    mutability="immutable",
                    references=("User",),
                ),
                Attribute("type", mutability="immutable", canonical=("User",)),
                Attribute(
                    "display",
                    mutability="readOnly",
                    description="A label for people (section 2.4), which is taken and not kept.",
                ),
            ),
        ),
    ),
)
_COMMON = (
    Attribute(
        "id",
        is_case_exact=True,
        mutability="readOnly",
        returned="always",
        uniqueness="server",
    ),
    Attribute("externalId", is_case_exact=True),
    Attribute(
        "meta",
        "complex",
        mutability="readOnly",
        subs=(
            Attribute("resourceType", is_case_exact=True, mutability="readOnly"),
            Attribute("created", "dateTime", mutability="readOnly"),
            Attribute("lastModified", "dateTime", mutability="readOnly"),
            Attribute("location", "reference", is_case_exact=True, mutability="readOnly"),
            Attribute("version", is_case_exact=True, mutability="readOnly"),
        ),
    ),
)

USER = Kind("User", "Users", _USER, (_ENTERPRISE,), _COMMON)
GROUP = Kind("Group", "Groups", _GROUP, (), _COMMON)
SCHEMAS = (_USER, _ENTERPRISE, _GROUP)
