from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Organization and people"

    def ready(self) -> None:
        from access.grants import register_custom_roles, register_loader, register_rows
        from access.hiding import explains
        from access.permissions import Permission
        from access.policy import register_granters
        from access.scopes import ScopeKind, register_removal
        from accounts import (  # noqa: F401
            effective,
            holdings,
            ip_access,
            navigation,
            search,
            suspension,
        )
        from accounts.grants import (
            custom_roles,
            home_rows,
            installation_grants,
            organization_rows,
            remove_team_memberships,
        )
        from accounts.models import Organization, OrganizationRoleBinding
        from accounts.services import invitations, organization_tokens, token_homes
        from accounts.services.provisioning import admitting

        holdings.register(
            holdings.Table(
                OrganizationRoleBinding,
                ScopeKind.ORGANIZATION,
                "organization",
                workspace="",
                sees=Permission.ORGANIZATION_GET,
                page="accounts:settings",
                things=Organization.objects.all,
            )
        )
        register_granters(effective.granters)
        register_loader(installation_grants)
        register_rows(organization_rows)
        register_rows(home_rows)
        register_custom_roles(custom_roles)
        register_removal(remove_team_memberships)
        token_homes.register(organization_tokens.HOME)
        invitations.on_accepted(admitting.joined)
        explains(suspension.explain)
        explains(ip_access.explain)
