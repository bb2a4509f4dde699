"""Divisions of the country, and the server's time."""

from typing import Any, Final

from fahuo.api.top.registry import Call, Fields, Param, method, pick
from fahuo.api.top.trade_fields import at
from fahuo.rules import regions
from fahuo.rules.top.envelope import Listed
from fahuo.services import moment

COUNTRY: Final = (1, 1, "中国", 0)
AREA: Final[Fields] = {
    "id": lambda a: a[0], "type": lambda a: a[1], "name": lambda a: a[2], "parent_id": lambda a: a[3],
    "zip": lambda a: f"{a[0]:06d}" if a[0] > 1 else "000000",
}  # fmt: skip


def areas() -> list[tuple[int, int, str, int]]:
    """(id, type, name, parent): 1 country, 2 provinces, 3 cities, 4 districts; ids are GB/T 2260 codes."""
    found = [COUNTRY]

    def below(code: str, depth: int, parent: int) -> None:
        for child, name in regions.children(code):
            # a municipality's and a province's own counties have no city between them
            kind = 4 if not child.endswith("00") else depth
            found.append((int(child), kind, name, parent))
            below(child, kind + 1, int(child))

    below("", 2, 1)
    return found


@method(
    "taobao.areas.get", Param("fields", "fields", required=True, zh="要返回的字段", en="the fields to answer with"),
    zh="查询行政区划", en="Divisions of the country", session=False, fields={"areas": tuple(AREA)}, answer=("areas",),
)  # fmt: skip
def get(call: Call) -> dict[str, Any]:
    """See the registry."""
    return {"areas": Listed("area", [pick(area, AREA, call["fields"]) for area in areas()])}


@method("taobao.time.get", zh="服务器时间（北京时间）", en="The server's time, GMT+8", session=False, answer=("time",))
def time(call: Call) -> dict[str, Any]:
    """See the registry."""
    return {"time": at(moment.real())}
