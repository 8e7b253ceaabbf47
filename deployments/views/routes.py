"""How a page of this room is routed: as those of `accounts`, signed in and with an actor."""

from accounts.routes import PageRequest, page

__all__ = ["PageRequest", "page"]
