"""The gate before every method: parameters, signature, limits, session, permission. What fails it fails as TOP fails it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from fahuo.api.top.registry import METHODS, Call, Method
from fahuo.rules.problems import Refusal
from fahuo.rules.top import clock, signing
from fahuo.rules.top.errors import TopError
from fahuo.services import gateway
from fahuo.services.gateway import App, Caller

FORMATS: Final = ("xml", "json")
VERSIONS: Final = ("2.0",)
LIMITED: Final = {
    "second": "accesscontrol.limited-by-api-access-count",
    "day": "accesscontrol.limited-by-app-access-count",
}


def enter(given: Mapping[str, str], *, real_now: datetime, now: datetime) -> tuple[Method, Call]:
    """The method and the call, or TopError. `given`: all parameters of query and body, files left out.

    `real_now` is what timestamps are held against; `now` is when the call acts (a demo may run ahead).
    """
    name = given.get("method", "").strip()
    if not name:
        raise TopError(21)
    _public(given, real_now)
    app = _app(given)
    way = given.get("sign_method", "md5").strip() or "md5"
    if not given.get("sign"):
        raise TopError(24)
    if way not in signing.WAYS or not signing.genuine(given, app.secret, way, given["sign"]):
        raise TopError(25, "isv.invalid-signature", "签名不对：请核对 app_secret、参数排序和编码")
    method = METHODS.get(name)
    if method is None:
        raise TopError(22, "isv.invalid-method", "没有这个方法")
    banned = gateway.banned_for(app, name, now=real_now)
    if banned is not None:
        raise TopError.banned(LIMITED[banned[0]], banned[1])
    caller = _caller(given, app, real_now) if method.session else None
    if caller is not None and method.act is not None and not caller.actor.may(method.act):
        raise TopError(12, "isv.permission-user", "授权的账号没有这项权限")
    return method, Call(name, method.values(given), app, caller, now)


def _public(given: Mapping[str, str], now: datetime) -> None:
    """The public parameters that say how to answer and when the call was made."""
    if given.get("format", "xml").lower() not in FORMATS:
        raise TopError(23)
    if not given.get("app_key"):
        raise TopError(28)
    if not given.get("timestamp"):
        raise TopError(30)
    at = clock.read_timestamp(given["timestamp"].strip())
    if at is None or abs(at - now) > clock.TOLERANCE:
        raise TopError(31, "isv.invalid-timestamp", "时间戳要是北京时间，与服务器相差不超过 10 分钟")
    if not given.get("v"):
        raise TopError(32)
    if given["v"].strip() not in VERSIONS:
        raise TopError(33 if not given["v"].strip().replace(".", "").isdigit() else 34)


def _app(given: Mapping[str, str]) -> App:
    try:
        app = gateway.known_app(given["app_key"].strip())
    except Refusal:
        raise TopError(10, "isp.service-unavailable", "应用密钥打不开，请联系管理员") from None
    if app is None:
        raise TopError(29, "isv.appkey-not-exists", "没有这个应用，或者已经停用")
    return app


def _caller(given: Mapping[str, str], app: App, now: datetime) -> Caller:
    token = given.get("session", "").strip()
    if not token:
        raise TopError(26)
    found = gateway.caller_of(app, token, now=now)
    if found == "expired":
        raise TopError(27, "session-expired", "授权已经过期或取消，请重新授权")
    if isinstance(found, str):
        said = f"RealSession don't belong app and user ! appKey is : {app.key}"
        raise TopError(27, "sessionkey-not-generated-by-server", said)
    return found
