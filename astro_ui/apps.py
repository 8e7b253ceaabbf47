from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Wiring of the whole console; it comes first so that its commands win."""

    name = "astro_ui"

    def ready(self) -> None:
        """Every process sends its messages to our queue: without an app of its own, Celery's
        `shared_task` looks for a broker on localhost, and only the sweep would do the work."""
        from astro_ui.celery import app
        from astro_ui.doctor import inside
        from installation import health

        app.set_default()
        for source in inside.sources():
            health.register(source)
