"""Our refusals in TOP's codes. `rules/problems` says what is wrong, this page how Taobao's clients know it."""

from collections.abc import Mapping
from typing import Final

from fahuo.rules.problems import Refusal
from fahuo.rules.top.errors import TopError

SEND: Final[Mapping[str, str]] = {
    "order_unknown": "B01",
    "order_not_paid": "B02",
    "already_shipped": "B04",
    "already_shipped_as": "B04",
    "order_closed": "B04",
    "order_refunded": "B55",
    "refund_in_progress": "B55",
    "carrier_missing": "B56",
    "carrier_unknown": "B56",
    "waybill_missing": "B59",
    "waybill_shape": "B60",
    "waybill_other_carrier": "B60",
    "check_digit": "B60",
    "waybill_in_use": "F04",
    "number_on_label": "F04",
    "waybill_without_logistics": "B98",
    "line_unknown": "B06",
    "line_refunded": "B55",
    "line_refund_in_progress": "B55",
    "quantity_too_many": "B04",
    "nothing_to_ship": "B06",
    "ship_overtaken": "B150",
    "receivers_differ": "F04",
    "stock_short": "B59",
    "stock_contract_missing": "B59",
}
"""Why goods do not leave -> what follows `isv.logistics-…-service-error:`."""

RESEND: Final[Mapping[str, str]] = {
    "order_unknown": "P02",
    "carrier_missing": "P05",
    "carrier_unknown": "P05",
    "waybill_missing": "P06",
    "waybill_shape": "P06",
    "waybill_other_carrier": "P06",
    "check_digit": "P06",
    "waybill_in_use": "F04",
    "number_on_label": "F04",
    "parcel_unknown": "P03",
    "parcel_voided": "P03",
    "parcel_picked_up": "P04",
    "parcel_without_number": "P08",
    "line_unknown": "P09",
}
"""Why a number is not changed -> what follows `isv.logistics-update-company-or-mailno-error:`."""

GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "isv.logistics-offline-service-error": SEND,
    "isv.logistics-online-service-error": SEND,
    "isv.logistics-dummy-service-error": SEND,
    "isv.logistics-update-company-or-mailno-error": RESEND,
}
OTHERS: Final = "P01"
"""What follows where a refusal has no code of its own."""


def as_top(refusal: Refusal, refused_as: str) -> TopError:
    """The refusal as a TOP error of a method whose sub_codes begin with `refused_as`; its sentence is the message."""
    problem = refusal.problems[0]
    said = "；".join(each.sentence("zh") for each in refusal.problems[:3])
    if problem.code == "not_permitted":
        return TopError(12, "isv.permission-user", said)
    group = GROUPS.get(refused_as)
    if group is None:
        return TopError.of_service(f"{refused_as}:{problem.code}", said)
    return TopError.of_service(f"{refused_as}:{group.get(problem.code, OTHERS)}", said)
