"""Which right each action asks for, and that it asks before anything else happens."""

from __future__ import annotations

from importlib import import_module

import pytest

from access.actions import registry
from access.policy import PermissionDenied
from accounts.models import Organization
from audit.models import AuditRecord, Outcome
from tests import factories

RIGHTS = {
    "accounts.services.audit_filters": {
        "remove_filter": "organization.auditLogs.get",
        "save_filter": "organization.auditLogs.get",
    },
    "accounts.services.custom_roles": {
        "create_custom_role": "organization.customRoles.create",
        "delete_custom_role": "organization.customRoles.delete",
        "update_custom_role": "organization.customRoles.update",
    },
    "accounts.services.invitations": {
        "invite": "organization.invites.create",
        "renew_invitation": "organization.invites.create",
        "revoke_invitation": "organization.invites.delete",
    },
    "accounts.services.ip_access": {
        "clear_ip_access": "organization.ipAccess.update",
        "update_ip_access": "organization.ipAccess.update",
    },
    "accounts.services.keeping": {
        "export_audit": "organization.auditLogs.get",
    },
    "accounts.services.members": {
        "change_member_role": "organization.users.updateRoles",
        "leave": "organization.get",
        "remove_member": "organization.users.remove",
    },
    "accounts.services.operators": {
        "grant_operator": "installation.operators.update",
        "revoke_operator": "installation.operators.update",
    },
    "accounts.services.organization_tokens": {
        "create_token": "organization.apiTokens.create",
        "delete_token": "organization.apiTokens.delete",
        "rotate_token": "organization.apiTokens.rotate",
        "update_token": "organization.apiTokens.update",
    },
    "accounts.services.organizations": {
        "update_organization": "organization.update",
    },
    "accounts.services.provisioning.groups": {
        "change_provisioned_group": "organization.scim.update",
        "provision_group": "organization.scim.update",
        "remove_provisioned_group": "organization.scim.update",
    },
    "accounts.services.provisioning.switching": {
        "switch_scim": "organization.scim.update",
    },
    "accounts.services.provisioning.users": {
        "change_provisioned_user": "organization.scim.update",
        "provision_user": "organization.scim.update",
        "remove_provisioned_user": "organization.scim.update",
    },
    "accounts.services.sign_up": {
        "set_sign_up": "installation.signUp.update",
    },
    "accounts.services.sinks": {
        "change_sink": "organization.update",
        "create_sink": "organization.update",
        "remove_sink": "organization.update",
        "try_sink": "organization.update",
    },
    "accounts.services.sso_bypass": {
        "delete_bypass": "organization.ssoBypass.delete",
        "make_bypass": "organization.ssoBypass.rotate",
    },
    "accounts.services.group_rules": {
        "change_group_rule": "organization.ssoConnections.update",
        "create_group_rule": "organization.ssoConnections.update",
        "remove_group_rule": "organization.ssoConnections.update",
    },
    "accounts.services.sso_metadata": {
        "take_metadata": "organization.ssoConnections.update",
    },
    "accounts.services.sso_connections": {
        "activate_connection": "organization.ssoConnections.update",
        "create_connection": "organization.ssoConnections.update",
        "delete_connection": "organization.ssoConnections.update",
        "pass_test": "organization.ssoConnections.update",
        "turn_off_connection": "organization.ssoConnections.update",
        "update_connection": "organization.ssoConnections.update",
    },
    "accounts.services.sso_domains": {
        "claim_domain": "organization.domains.update",
        "lose_domain": "organization.domains.update",
        "note_check": "organization.domains.update",
        "remove_domain": "organization.domains.update",
    },
    "accounts.services.sso_rules": {
        "set_enforced_logins": "organization.domains.update",
    },
    "accounts.services.teams": {
        "add_team_member": "organization.teams.update",
        "change_team_role": "organization.teams.update",
        "create_team": "organization.teams.create",
        "delete_team": "organization.teams.delete",
        "give_team_role": "organization.teams.update",
        "remove_team_member": "organization.teams.update",
        "update_team": "organization.teams.update",
    },
    "accounts.services.tenants": {
        "create_organization": "installation.organizations.create",
        "resume": "installation.organizations.update",
        "suspend": "installation.organizations.update",
    },
    "deployments.services.access": {
        "change_person": "deployment.users.delete",
        "change_team": "deployment.teams.delete",
        "give_person": "deployment.users.create",
        "give_team": "deployment.teams.create",
        "remove_person": "deployment.users.delete",
        "remove_team": "deployment.teams.delete",
    },
    "deployments.services.create": {
        "create": "workspace.deployments.create",
    },
    "deployments.services.dags": {
        "clear_dag_run": "deployment.airflow.taskInstance.update",
        "clear_task": "deployment.airflow.taskInstance.update",
        "mark_dag_run": "deployment.airflow.dagRun.update",
        "mark_task": "deployment.airflow.taskInstance.update",
        "set_dag_paused": "deployment.airflow.dag.update",
        "trigger_dag": "deployment.airflow.dagRun.create",
    },
    "deployments.services.deploys.begin": {
        "begin": "deployment.deploys.create",
        "describe": "deployment.deploys.create",
    },
    "deployments.services.deploys.finalize": {
        "finalize": "deployment.deploys.create",
    },
    "deployments.services.deploys.rollback": {
        "roll_back": "deployment.deploys.update",
    },
    "deployments.services.power": {
        "delete": "deployment.delete",
        "hibernate": "deployment.update",
        "purge": "deployment.delete",
        "restore": "deployment.delete",
        "retry": "deployment.update",
        "wake": "deployment.update",
    },
    "deployments.services.tokens": {
        "attach": "deployment.apiTokens.create",
        "create": "deployment.apiTokens.create",
        "delete": "deployment.apiTokens.delete",
        "detach": "deployment.apiTokens.delete",
        "rotate": "deployment.apiTokens.rotate",
        "update": "deployment.apiTokens.update",
    },
    "deployments.services.update": {
        "update": "deployment.update",
    },
    "deployments.services.variables": {
        "remove_variable": "deployment.update",
        "replace_all": "deployment.update",
        "set_variable": "deployment.update",
    },
    "workspaces.services.members": {
        "add_member": "workspace.roles.update",
        "change_member_role": "workspace.roles.update",
        "invite": "workspace.invites.create",
        "remove_member": "workspace.roles.update",
    },
    "workspaces.services.teams": {
        "add_team": "workspace.teams.assign",
        "change_team_role": "workspace.teams.assign",
        "remove_team": "workspace.teams.remove",
    },
    "workspaces.services.tokens": {
        "attach_token": "workspace.apiTokens.create",
        "create_token": "workspace.apiTokens.create",
        "delete_token": "workspace.apiTokens.delete",
        "detach_token": "workspace.apiTokens.delete",
        "rotate_token": "workspace.apiTokens.rotate",
        "update_token": "workspace.apiTokens.update",
    },
    "workspaces.services.workspaces": {
        "create": "organization.workspaces.create",
        "delete": "workspace.delete",
        "update": "workspace.update",
    },
}
"""By module. Settings, variables and sleep of a Deployment are `deployment.update`, pushing code is
`deployment.deploys.create`, rolling back its update."""


def test_every_action_refuses_whoever_lacks_its_right_and_writes_it_down(
    acme: Organization,
) -> None:
    stranger = factories.actor(factories.user("stranger"))
    for module, actions in RIGHTS.items():
        for name, right in actions.items():
            with pytest.raises(PermissionDenied) as refused:
                getattr(import_module(module), name)(acme, actor=stranger)
            assert (name, refused.value.permission.value) == (name, right)

    refusals = AuditRecord.objects.filter(outcome=Outcome.REFUSED)
    assert refusals.count() == sum(map(len, RIGHTS.values()))


def test_no_action_is_missing_here() -> None:
    import_module("astro_ui.urls")
    listed = {f"{module}.{name}" for module, actions in RIGHTS.items() for name in actions}

    assert {name for name in registry if not name.startswith("tests.")} == listed
