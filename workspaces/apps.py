from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self) -> None:
        from access.scopes import register_grants
        from workspaces.grants import workspace_grants

        register_grants(workspace_grants)
