from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from api.scim import errors
        from web import problems

        problems.words("/scim/", errors.of_problem, errors.MEDIA_TYPE)
