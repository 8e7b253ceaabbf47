from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Organization and people"

    def ready(self) -> None:
        from access.grants import register_custom_roles, register_loader, register_rows
        from access.hiding import explains
        from access.scopes import register_removal
        from accounts import navigation, role_holders, search, suspension  # noqa: F401
        from accounts.grants import (
            custom_roles,
            home_rows,
            installation_grants,
            organization_rows,
            remove_team_memberships,
        )
        from accounts.models import OrganizationRoleBinding

        register_loader(installation_grants)
        register_rows(organization_rows)
        register_rows(home_rows)
        register_custom_roles(custom_roles)
        register_removal(remove_team_memberships)
        role_holders.register(role_holders.Table(OrganizationRoleBinding, "organization"))
        explains(suspension.explain)
