from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Organization and people"

    def ready(self) -> None:
        from access.hiding import explains
        from access.scopes import register_grants
        from accounts import navigation, search, suspension  # noqa: F401
        from accounts.grants import installation_grants, organization_grants

        register_grants(installation_grants)
        register_grants(organization_grants)
        explains(suspension.explain)
