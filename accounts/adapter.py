"""How allauth signs people up and in here: thin, the rules stand in services."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class ConsoleAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only invited people sign up, unless the installation is open to all."""
        return settings.SIGN_UP_POLICY == "open" or "invitation" in request.session
