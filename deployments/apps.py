from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"

    def ready(self) -> None:
        from access.grants import register_rows
        from access.scopes import on_access_changed, register_removal
        from accounts import role_holders
        from accounts.openid import register_client_rule
        from deployments import navigation, search  # noqa: F401  (they register their entries)
        from deployments.gateway import oidc, signals
        from deployments.grants import deployment_rows, home_rows, remove_deployment_grants
        from deployments.models import DeploymentRoleBinding

        register_rows(deployment_rows)
        register_rows(home_rows)
        register_removal(remove_deployment_grants)
        role_holders.register(
            role_holders.Table(
                DeploymentRoleBinding, "deployment", workspace="deployment__workspace_id"
            )
        )
        register_client_rule(oidc.claims)
        on_access_changed(signals.tell)
