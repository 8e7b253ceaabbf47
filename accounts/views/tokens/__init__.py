"""The pages of API tokens, written once for every scope that has some.

A room names its `TokenPlace` and takes `routes(place, …)` into its addresses.
"""

from accounts.views.tokens.place import Deeds, TokenPlace, register
from accounts.views.tokens.routes import routes

__all__ = ["Deeds", "TokenPlace", "register", "routes"]
