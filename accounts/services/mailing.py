"""Invitations on their way, by the mail server or, where none is set, on the console's output."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from accounts.models import Invitation

logger = logging.getLogger(__name__)


def deliver(invitations: Sequence[Invitation]) -> None:
    """Send each its link over one connection, and note on each whether a server took it.

    One try: a server that is down shows in the log, waits nobody's patience out, and the links
    can be copied all the same.
    """
    try:
        with get_connection() as connection:
            for invitation in invitations:
                connection.send_messages([_message(invitation)])
                invitation.is_mailed = settings.HAS_MAIL
    except OSError:  # SMTPException is one
        logger.exception("The mail server did not take an invitation")


def _message(invitation: Invitation) -> EmailMessage:
    words = {"invitation": invitation, "link": invitation.link}
    return EmailMessage(
        f"Join {' '.join(invitation.organization.name.split())} on Astro UI",
        render_to_string("emails/invitation.txt", words),
        to=[invitation.email],
    )
