"""Calling a TOP gateway: signed, with the seller's session, read as JSON; what fails, fails as Trouble or as a Said."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from fahuo.connectors.contract import Settings, Trouble, garbage, unanswered
from fahuo.connectors.web import Request, Transport, Unanswered
from fahuo.rules.problems import Problem
from fahuo.rules.top import clock, signing
from fahuo.rules.top.envelope import root_of
from fahuo.rules.top.errors import BAN_READ

LIMITED: Final = frozenset({4, 5, 6, 7, 8})
UNAUTHORISED: Final = frozenset({26, 27, 28, 29, 11, 12, 13, 25})
"""No call of this app or session will be answered until a person has done something."""
PASSING: Final = frozenset({10, 30, 31})
UNBANNED: Final = 1
"""Seconds to wait where a limit names none."""
SLOW: Final = 180
"""Seconds that the marketplace asks for after too many slow queries."""
LONGEST: Final = 86_400
_PASSING_SUB: Final = re.compile(r"^is[mp]\.|:(?:B150|S01)$|^isv\.trade-service-rejection$")


@dataclass(frozen=True)
class Said(Exception):
    """The method's own refusal of one row: its codes. (`sub_msg` may name people and goes no further.)"""

    code: int
    sub_code: str

    @property
    def tail(self) -> str:
        """What follows the last colon: B04."""
        return self.sub_code.rpartition(":")[2]

    def problem(self) -> Problem:
        return Problem("marketplace_refused", {"code": f"{self.code} {self.sub_code}".strip()[:120]})


class Gateway:
    """One app's calls for one session. `now` is what calls are stamped with."""

    def __init__(self, settings: Settings, transport: Transport, now: datetime) -> None:
        self.settings, self.transport, self.now = settings, transport, now

    def call(self, method: str, params: Mapping[str, Any], *, session: bool = True) -> dict[str, Any]:
        """What stands under the answer's root. Raises Trouble, or Said."""
        given = {name: _text(value) for name, value in params.items() if value is not None}
        given |= {
            "method": method, "app_key": self.settings["app_key"], "v": "2.0", "format": "json",
            "sign_method": "hmac-sha256" if self.settings.get("sign_method") == "hmac-sha256" else "md5",
            "timestamp": clock.written(self.now),
        }  # fmt: skip
        if session:
            given["session"] = self.settings["session"]
        way: signing.Way = "hmac-sha256" if given["sign_method"] == "hmac-sha256" else "md5"
        given["sign"] = signing.sign(given, self.settings["app_secret"], way)
        request = Request(
            "POST", self.settings["gateway"], {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
            urlencode(given).encode(),
        )  # fmt: skip
        try:
            answer = self.transport(request)
        except Unanswered as error:
            raise unanswered(error.why) from None
        if answer.status != 200:
            raise unanswered(f"http:{answer.status}")
        return _read(answer.body, method)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return clock.written(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def _read(body: bytes, method: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise garbage(method) from None
    if not isinstance(found, dict):
        raise garbage(method)
    error = found.get("error_response")
    if isinstance(error, dict):
        raise _refused(error)
    inner = found.get(root_of(method))
    if not isinstance(inner, dict):
        raise garbage(method)
    return inner


def _refused(error: Mapping[str, Any]) -> Exception:
    """The error as Trouble where it concerns every call, as Said where it concerns this one."""
    try:
        code = int(error.get("code", 0))
    except (TypeError, ValueError):
        code = 0
    sub_code, said = str(error.get("sub_code") or ""), str(error.get("sub_msg") or "")
    told = Problem("marketplace_refused", {"code": f"{code} {sub_code}".strip()[:120]})
    if code in LIMITED or sub_code.startswith("accesscontrol.") or sub_code == "isp.call-limited":
        found = BAN_READ.search(said)
        seconds = min(int(found[1]), LONGEST) if found else UNBANNED
        return Trouble("limited", Problem("marketplace_limited", {"seconds": seconds}), seconds=seconds)
    if code in UNAUTHORISED:
        return Trouble("unauthorised", told)
    if sub_code == "isv.trade-service-rejection":
        return Trouble("limited", Problem("marketplace_limited", {"seconds": SLOW}), seconds=SLOW)
    if code in PASSING or _PASSING_SUB.search(sub_code) or code == 0:
        return Trouble("unanswered", told)
    return Said(code, sub_code)


def listed(body: Mapping[str, Any], outer: str, inner: str) -> list[dict[str, Any]]:
    """A list out of its two wraps; [] where the platform leaves an empty one out. Raises Trouble for anything else."""
    held = body.get(outer)
    if held is None:
        return []
    rows = held.get(inner, []) if isinstance(held, dict) else held
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise garbage(outer)
    return rows
