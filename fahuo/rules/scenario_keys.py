"""What a scenario file may hold: its tables' keys, and how each value is checked. The parser is `scenarios.py`."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.rules import complaints, orders, parcels, policy, regions, tasks, urges
from fahuo.rules.problems import Datum, Problem, Refusal

TOP: Final = "(top)"
"""The name of what stands above all tables."""


class ScenarioError(Refusal):
    """The file is no scenario; `table` and `key` say where, `problems[0]` what was wrong."""

    def __init__(self, code: str, table: str, key: str, **data: Datum) -> None:
        told = {"table": table, "key": key, **data}
        super().__init__(Problem(code, {name: _line(value) for name, value in told.items()}))
        self.table = table
        self.key = key


def _line(value: Datum) -> Datum:
    """A file's own words on one line, so that the sentence stays one."""
    return " ".join(value.split()) if isinstance(value, str) else value


YEARS: Final = (1970, 9000)
"""Times before or after these years are slips of the pen, and leave no room to count from."""

Check = Callable[[str, str, Any], Any]
"""(table, key, value as TOML gives it) -> value as the story has it; raises ScenarioError."""


def a_text(table: str, key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ScenarioError("scenario_not_text", table, key)
    return value


def some_texts(table: str, key: str, value: Any) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(each, str) and each.strip() and "\0" not in each for each in value)
    ):
        raise ScenarioError("scenario_not_list", table, key)
    twice = next((each for each in value if value.count(each) > 1), None)
    if twice is not None:
        raise ScenarioError("scenario_twice", table, key, value=twice)
    return tuple(value)


def any_texts(table: str, key: str, value: Any) -> tuple[str, ...]:
    return () if value == [] else some_texts(table, key, value)


def a_time(table: str, key: str, value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ScenarioError("scenario_not_time", table, key)
    if value.tzinfo is None:
        raise ScenarioError("scenario_no_offset", table, key)
    if not YEARS[0] <= value.year <= YEARS[1]:
        raise ScenarioError("scenario_not_time", table, key)
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ScenarioError("scenario_not_time", table, key) from error


def money(table: str, key: str, value: Any) -> Decimal:
    whole, point, cents = value.partition(".") if isinstance(value, str) else ("", "", "")
    figures = whole + cents
    if not (figures.isascii() and figures.isdigit() and whole and len(whole) <= 9 and bool(point) == bool(cents)):
        raise ScenarioError("scenario_not_money", table, key)
    if len(cents) > 2:
        raise ScenarioError("scenario_not_money", table, key)
    return Decimal(value).quantize(Decimal("0.01"))


def a_count(table: str, key: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ScenarioError("scenario_not_count", table, key)
    return value


def seconds(table: str, key: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite() or value < 0:
        raise ScenarioError("scenario_not_number", table, key)
    return Decimal(value)


def a_flag(table: str, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ScenarioError("scenario_not_flag", table, key)
    return value


def a_promise(table: str, key: str, value: Any) -> int | datetime:
    """Hours as "72h", or a time, which may stand in quotes too."""
    if isinstance(value, str):
        hours = value.removesuffix("h")
        if value.endswith("h") and hours.isascii() and hours.isdigit() and len(hours) <= 4 and int(hours) > 0:
            return int(hours)
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise ScenarioError("scenario_not_promise", table, key) from error
    if not isinstance(value, datetime):
        raise ScenarioError("scenario_not_promise", table, key)
    return a_time(table, key, value)


def counts(table: str, key: str, value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise ScenarioError("scenario_not_table", table, key)
    return {name: a_count(table, f"{key}.{name}", number) for name, number in value.items()}


def one_of(*choices: str) -> Check:
    def check(table: str, key: str, value: Any) -> str:
        if value not in choices or not isinstance(value, str):
            raise ScenarioError("scenario_choice", table, key, value=str(value), choices=", ".join(choices))
        return value

    return check


def an_area(*digits: int) -> Check:
    """A region of so many digits; a province may be filled up with noughts (310000)."""

    def check(table: str, key: str, value: Any) -> str:
        code = a_text(table, key, value)
        if len(code) not in digits or not regions.is_known(code):
            raise ScenarioError("scenario_region", table, key, value=code)
        return code

    return check


Keys = Mapping[str, tuple[Check, bool]]
"""key -> (its check, whether it must be there)."""

AT: Final[Keys] = {"at": (a_time, True)}
FILE: Final[Keys] = {
    "title": (a_text, True),
    "rulebook": (one_of(*policy.platforms()), True),
}
SHOP: Final[Keys] = {"ship_from": (an_area(6), False), "staff": (any_texts, False)}
ORDER: Final[Keys] = {
    "id": (a_text, True),
    "buyer": (a_text, False),
    "paid_at": (a_time, True),
    "price": (money, True),
    "kind": (one_of(*orders.ORDER_KINDS), False),
    "promise": (a_promise, False),
    "ship_to": (an_area(6), False),
}
_ORDER: Final[Keys] = {"order": (a_text, True)}
_BY: Final[Keys] = {**_ORDER, "by": (a_text, False)}
_REPLY: Final[Keys] = {
    "plan": (one_of(*tasks.PLANS), True),
    "until": (a_time, False),
    "reason": (one_of(tasks.FORCE_MAJEURE), False),
}
_SHIP: Final[Keys] = {"carrier": (a_text, True), "waybill": (a_text, True)}


def _optional(keys: Keys) -> Keys:
    return {key: (check, False) for key, (check, _) in keys.items()}


EVENTS: Final[Mapping[str, Keys]] = {
    "urge": _ORDER,
    "contact_again": _ORDER,
    "seller_message": _BY,
    "buyer_message": _BY,
    "ship": {**_BY, **_SHIP},
    "scan": {**_ORDER, "kind": (one_of(*parcels.SCAN_KINDS), True)},
    "reply": {**_BY, **_REPLY},
    "buyer_accept": _ORDER,
    "buyer_refuse": _ORDER,
    "refund": _ORDER,
    "exempt_region": {"region": (an_area(2, 4, 6), True), "from": (a_time, True), "to": (a_time, True)},
    "report_delay": {"orders": (some_texts, True), "until": (a_time, True), "report": (a_text, True)},
    "approve_report": {"report": (a_text, True)},
    "reject_report": {"report": (a_text, True)},
    "complain": {**_ORDER, "kind": (one_of(*complaints.KINDS), True)},
    "pay_voluntarily": _ORDER,
    "adjudicate": {**_ORDER, "verdict": (one_of(*complaints.VERDICTS), True)},
    "withdraw": _ORDER,
    "ship_without_permission": {**_ORDER, "by": (a_text, True), **_optional(_SHIP)},
    "reply_without_permission": {**_ORDER, "by": (a_text, True), **_optional(_REPLY)},
}
"""What may happen (`do`), and the keys that each takes besides `at` and `do`."""

EXPECT_ORDER: Final[Keys] = _optional(
    {
        "order_status": (one_of("awaiting_shipment", "part_shipped", "shipped", "completed", "closed"), False),
        "deadline": (a_time, False),
        "urge": (one_of(*urges.OUTCOMES), False),
        "reason": (one_of(*urges.REASONS), False),
        "task": (one_of("none", *tasks.STATES), False),
        "task_due": (a_time, False),
        "complaint": (one_of("none", *complaints.STATUSES), False),
        "compensation": (money, False),
        "points": (a_count, False),
        "reminders": (counts, False),
        "cards": (a_count, False),
        "refused": (a_flag, False),
    }
)
EXPECT_STAFF: Final[Keys] = {"avg_response_seconds": (seconds, False)}
