from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self) -> None:
        from access.grants import register_rows
        from access.permissions import Permission
        from access.scopes import ScopeKind, register_removal
        from accounts import holdings
        from accounts.services import token_homes
        from accounts.services.invitations import on_accepted
        from accounts.services.sign_up import on_newcomer
        from workspaces import grants, navigation, search  # noqa: F401
        from workspaces.models import Workspace, WorkspaceRoleBinding
        from workspaces.services import set_up, tokens

        register_rows(grants.workspace_rows)
        token_homes.register(tokens.HOME)
        register_removal(grants.remove_workspace_grants)
        holdings.register(
            holdings.Table(
                WorkspaceRoleBinding,
                ScopeKind.WORKSPACE,
                "workspace",
                workspace="workspace_id",
                sees=Permission.WORKSPACE_GET_BASIC,
                page="workspaces:detail",
                things=Workspace.objects.all,
            )
        )
        on_accepted(grants.grant_invited_roles)
        on_newcomer(set_up.furnish)
