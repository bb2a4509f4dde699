"""Tokens as clients expect to read them, by OAuth2 and through the gateway alike."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from fahuo.services.gateway import Tokens


def granted(made: Tokens, *, now: datetime) -> dict[str, Any]:
    """The answer, with the marketplace's extra names: r1, r2, w1, w2 are its levels of reading and writing."""
    lives, again = int((made.until - now).total_seconds()), int((made.refresh_until - now).total_seconds())
    return {
        "access_token": made.token, "token_type": "Bearer", "expires_in": lives, "refresh_token": made.refresh_token,
        "re_expires_in": again, "r1_expires_in": lives, "r2_expires_in": lives, "w1_expires_in": lives,
        "w2_expires_in": lives, "taobao_user_id": str(made.caller.actor.shop_id),
        "taobao_user_nick": quote(made.caller.shop_name), "state": None,
    }  # fmt: skip
