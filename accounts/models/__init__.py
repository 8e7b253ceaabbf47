from accounts.models.audit_filter import AuditFilter
from accounts.models.audit_sink import AuditSink
from accounts.models.bindings import OrganizationRoleBinding, RoleBinding
from accounts.models.custom_role import CustomRole
from accounts.models.group_rule import GroupRule, HeardGroups
from accounts.models.installation import Installation
from accounts.models.invitation import Invitation
from accounts.models.organization import Organization
from accounts.models.saml_answer import SamlAnswer
from accounts.models.scim import ProvisionedGroup, ProvisionedMembership, ProvisionedUser
from accounts.models.sso_bypass import SsoBypass
from accounts.models.sso_connection import SsoConnection
from accounts.models.sso_domain import SsoDomain
from accounts.models.sso_identity import SsoIdentity
from accounts.models.team import Team, TeamMembership
from accounts.models.token import ApiToken
from accounts.models.user import User

__all__ = [
    "ApiToken",
    "AuditFilter",
    "AuditSink",
    "CustomRole",
    "GroupRule",
    "HeardGroups",
    "Installation",
    "Invitation",
    "Organization",
    "OrganizationRoleBinding",
    "ProvisionedGroup",
    "ProvisionedMembership",
    "ProvisionedUser",
    "RoleBinding",
    "SamlAnswer",
    "SsoBypass",
    "SsoConnection",
    "SsoDomain",
    "SsoIdentity",
    "Team",
    "TeamMembership",
    "User",
]
