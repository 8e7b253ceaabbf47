from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"

    def ready(self) -> None:
        from access.grants import register_rows
        from access.permissions import Permission
        from access.scopes import ScopeKind, on_access_changed, register_removal
        from accounts import holdings
        from accounts.openid import register_client_rule
        from accounts.services import token_homes
        from deployments import navigation, search  # noqa: F401  (they register their entries)
        from deployments.gateway import oidc, signals
        from deployments.grants import deployment_rows, home_rows, remove_deployment_grants
        from deployments.models import Deployment, DeploymentRoleBinding
        from deployments.services import tokens

        register_rows(deployment_rows)
        register_rows(home_rows)
        register_removal(remove_deployment_grants)
        holdings.register(
            holdings.Table(
                DeploymentRoleBinding,
                ScopeKind.DEPLOYMENT,
                "deployment",
                workspace="deployment__workspace_id",
                sees=Permission.DEPLOYMENT_GET,
                page="deployments:detail",
                things=Deployment.objects.present,
            )
        )
        register_client_rule(oidc.claims)
        on_access_changed(signals.tell)
        token_homes.register(tokens.HOME)
