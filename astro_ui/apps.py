from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Wiring of the whole console; it comes first so that its commands win."""

    name = "astro_ui"
