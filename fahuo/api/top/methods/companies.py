"""The carriers by which a seller ships."""

from typing import Any, Final

from fahuo.api.top.registry import Call, Fields, Param, method, pick
from fahuo.rules.carriers import CARRIERS, Carrier
from fahuo.rules.top.envelope import Listed

UNNUMBERED: Final = 90_000
"""Carriers without a number of their own on record are numbered from here, in their order."""
NUMBERS: Final = {
    code: carrier.taobao_id or UNNUMBERED + place for place, (code, carrier) in enumerate(CARRIERS.items())
}


def pattern(carrier: Carrier) -> str:
    """The expression that a whole number must match."""
    return f"^({'|'.join(carrier.patterns)})$"


COMPANY: Final[Fields] = {
    "id": lambda c: NUMBERS[c.code],
    "code": lambda c: c.code,
    "name": lambda c: c.zh,
    "reg_mail_no": pattern,
}


@method(
    "taobao.logistics.companies.get",
    Param("fields", "fields", required=True, zh="要返回的字段", en="the fields to answer with"),
    Param("is_recommended", "boolean", zh="是否只查推荐的", en="only recommended ones"),
    Param("order_mode", choices=("offline", "online", "all"), default="all", zh="下单方式", en="how orders reach them"),
    zh="查询物流公司", en="The carriers, with the shape of their numbers", session=False,
    fields={"logistics_companies": tuple(COMPANY)}, answer=("logistics_companies",),
)  # fmt: skip
def companies(call: Call) -> dict[str, Any]:
    """See the registry."""
    rows = [pick(carrier, COMPANY, call["fields"]) for carrier in CARRIERS.values()]
    return {"logistics_companies": Listed("logistics_company", rows)}
