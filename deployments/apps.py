from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"

    def ready(self) -> None:
        from access.scopes import register_grants, register_removal
        from deployments import navigation  # noqa: F401  (registers its entries)
        from deployments.grants import deployment_grants, remove_deployment_grants

        register_grants(deployment_grants)
        register_removal(remove_deployment_grants)
