from __future__ import annotations

from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiToken
from api.v1.described import operation
from api.v1.views import Resource
from api.v1.wire.users import SelfUser, SelfUserQuery


class OwnProfile(Resource):
    @operation(
        "GetSelfUser",
        "Show whose token this is and which roles it has",
        query=SelfUserQuery,
        reply=SelfUser,
        tag="User",
    )
    def get(self, request: Request) -> Response:
        self.asked(SelfUserQuery)
        token = cast("ApiToken", request.user)
        return Response(SelfUser(token, context={"actor": self.actor}).data)
