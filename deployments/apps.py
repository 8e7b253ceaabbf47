from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"

    def ready(self) -> None:
        from access.scopes import on_access_changed, register_grants, register_removal
        from accounts.openid import register_client_rule
        from deployments import navigation, search  # noqa: F401  (they register their entries)
        from deployments.gateway import oidc, signals
        from deployments.grants import deployment_grants, remove_deployment_grants

        register_grants(deployment_grants)
        register_removal(remove_deployment_grants)
        register_client_rule(oidc.claims)
        on_access_changed(signals.tell)
