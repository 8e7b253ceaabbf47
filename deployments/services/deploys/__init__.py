"""Deploys: begin, receive the upload, finalize; and roll back. Pages and API call the same."""

from deployments.services.deploys.begin import begin, describe
from deployments.services.deploys.finalize import deliver, finalize
from deployments.services.deploys.hand_over import hand_over
from deployments.services.deploys.housekeeping import tidy
from deployments.services.deploys.receive import (
    check_capability,
    receive,
    receive_block,
    receive_block_list,
)
from deployments.services.deploys.rollback import roll_back
from deployments.services.deploys.undo import undo

__all__ = [
    "begin",
    "check_capability",
    "deliver",
    "describe",
    "finalize",
    "hand_over",
    "receive",
    "receive_block",
    "receive_block_list",
    "roll_back",
    "tidy",
    "undo",
]
