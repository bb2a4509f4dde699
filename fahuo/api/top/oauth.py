"""`POST /oauth/token`: a code or a refresh token becomes tokens. The page on which people agree is web/gateway.py."""

from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse

from fahuo.api.top.tokens import granted
from fahuo.api.top.view import top_door
from fahuo.rules.problems import Refusal
from fahuo.services import gateway, moment

GRANTS: Final = ("authorization_code", "refresh_token")


def refused(error: str, said: str, status: int = 400) -> HttpResponse:
    """An error as OAuth2 (RFC 6749, 5.2) names it."""
    return JsonResponse({"error": error, "error_description": said}, status=status)


@top_door
def token(request: HttpRequest) -> HttpResponse:
    """Tokens for `code` (with its `redirect_uri`) or for `refresh_token`, to the app that proves itself by its secret."""
    if request.method != "POST":
        return refused("invalid_request", "POST only", 405)
    asked = request.POST
    if any("\0" in text for text in asked.values()):
        return refused("invalid_request", "a parameter holds NUL")
    try:
        app = gateway.known_app(asked.get("client_id", ""))
    except Refusal:
        return refused("server_error", "the app's secret cannot be opened", 503)
    if app is None or not gateway.same(asked.get("client_secret", ""), app.secret):
        return refused("invalid_client", "unknown client or wrong secret", 401)
    now = moment.real()
    if asked.get("grant_type") == "authorization_code":
        made = gateway.exchange(app, code=asked.get("code", ""), redirect_uri=asked.get("redirect_uri", ""), now=now)
    elif asked.get("grant_type") == "refresh_token":
        made = gateway.refresh(app, refresh_token=asked.get("refresh_token", ""), now=now)
    else:
        return refused("unsupported_grant_type", f"grant_type is one of {', '.join(GRANTS)}")
    if made is None:
        return refused("invalid_grant", "the code or refresh token is wrong, used or expired")
    return JsonResponse(granted(made, now=now))
