from django.apps import AppConfig


class InstallationConfig(AppConfig):
    name = "installation"

    def ready(self) -> None:
        from installation import navigation, search  # noqa: F401  (they register their entries)
