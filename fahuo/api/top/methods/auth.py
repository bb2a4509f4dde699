"""Tokens through the gateway itself, for clients that do not speak OAuth2."""

import json
from typing import Any

from fahuo.api.top.registry import Call, Param, method
from fahuo.api.top.tokens import granted
from fahuo.rules.top.errors import TopError
from fahuo.services import gateway, moment


@method(
    "taobao.top.auth.token.create",
    Param("code", required=True, most=200, zh="授权码", en="the code"),
    Param("uuid", most=100, zh="不用", en="not used"),
    zh="用授权码换令牌", en="Tokens for a code", session=False, answer=("token_result",),
)  # fmt: skip
def create(call: Call) -> dict[str, Any]:
    """See the registry. The code must have been asked for by the app itself, for its only redirect address."""
    now = moment.real()
    made = gateway.exchange(call.app, code=call["code"], redirect_uri=None, now=now)
    if made is None:
        raise TopError.of_service("isv.code-invalid", "授权码不对、用过了或过期了")
    return {"token_result": json.dumps(granted(made, now=now))}


@method(
    "taobao.top.auth.token.refresh",
    Param("refresh_token", required=True, most=200, zh="刷新令牌", en="the refresh token"),
    zh="换新令牌", en="New tokens for a refresh token", session=False, answer=("token_result",),
)  # fmt: skip
def refresh(call: Call) -> dict[str, Any]:
    """See the registry."""
    now = moment.real()
    made = gateway.refresh(call.app, refresh_token=call["refresh_token"], now=now)
    if made is None:
        raise TopError.of_service("isv.refresh-token-invalid", "刷新令牌不对、用过了或过期了")
    return {"token_result": json.dumps(granted(made, now=now))}
