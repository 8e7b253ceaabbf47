from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Organization and people"

    def ready(self) -> None:
        from access.grants import register_loader, register_rows
        from access.hiding import explains
        from accounts import navigation, search, suspension  # noqa: F401
        from accounts.grants import home_rows, installation_grants, organization_rows

        register_loader(installation_grants)
        register_rows(organization_rows)
        register_rows(home_rows)
        explains(suspension.explain)
