"""The figures of a shop out as a sheet."""

from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.metrics import Span
from fahuo.rules.people import Actor
from fahuo.services import metrics
from fahuo.services.metrics import Figures

What = Literal["days", "members"]
COLUMNS: Final = (
    "对话轮数", "人工平均响应时长（秒）", "3分钟人工响应率", "到期订单", "按时揽收", "揽收晚了", "没有揽收记录", "没有发货",
    "按时揽收率", "平台任务", "24小时内处理", "等待中", "24小时处理率", "平均处理时长（小时）", "处理时长中位数（小时）",
)  # fmt: skip


def workbook(actor: Actor, span: Span, what: What, *, now: datetime) -> tuple[str, bytes]:
    """File name and workbook: a row for each day (or account) of the span, the whole last. Refusal `not_permitted`."""
    actor.require("view_orders")
    found = metrics.report(actor.shop_id, span, now=now)
    if what == "days":
        head, rows = "日期", [(day.isoformat(), figures) for day, figures in found.days.items()]
    else:
        names = metrics.member_names(actor.shop_id)
        known = sorted(found.members, key=lambda member: (member is None, member or 0))
        head = "账号"
        rows = [("没有账号经手" if key is None else names.get(key, str(key)), found.members[key]) for key in known]
    rows.append(("合计", found.total))
    name = f"metrics-{what}-{span.first:%Y%m%d}-{span.last:%Y%m%d}.xlsx"
    return name, write_xlsx((head, *COLUMNS), [(label, *cells(figures)) for label, figures in rows])


def cells(figures: Figures) -> list[str]:
    """One row of figures; empty where there is nothing to say."""
    return [
        str(figures.turns), _plain(figures.response), _share(figures.quick), str(figures.due), str(figures.on_time),
        str(figures.late_scan), str(figures.no_scan), str(figures.not_shipped), _share(figures.pickup),
        str(figures.raised), str(figures.in_time), str(figures.waiting), _share(figures.answer_rate),
        _hours(figures.answer_average), _hours(figures.answer_median),
    ]  # fmt: skip


def _plain(value: Decimal | None) -> str:
    return "" if value is None else str(value)


def _share(value: Decimal | None) -> str:
    return "" if value is None else f"{value * 100:.2f}%"


def _hours(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 3600:.2f}"
