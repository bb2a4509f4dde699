"""Orders out as a sheet, receivers in full. Whoever exports must be allowed to, and every order says so in its journal."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import disclosures
from fahuo.store import exports, journal
from fahuo.store.journal import Moved

HEADER = (
    "订单编号", "订单状态", "买家会员名", "收货人姓名", "联系手机", "省", "市", "区", "收货地址", "邮编", "宝贝标题", "宝贝总数量",
    "买家实际支付金额", "订单创建时间", "订单付款时间", "最晚发货时间", "买家留言", "卖家备注", "物流公司", "物流单号",
)  # fmt: skip
STATUSES = {
    "awaiting_payment": "等待买家付款",
    "awaiting_shipment": "买家已付款，等待卖家发货",
    "part_shipped": "部分发货",
    "shipped": "卖家已发货，等待买家确认",
    "completed": "交易成功",
    "closed": "交易关闭",
}
MOST = 10_000


@transaction.atomic
def export_orders(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> tuple[str, bytes]:
    """A workbook of these orders in this order (file name, content); journaled as `order.exported`.

    Raises Refusal `not_permitted`, `no_orders_chosen`, `too_many_orders`.
    """
    actor.require("export_orders")
    if not order_ids:
        raise Refusal.of("no_orders_chosen")
    if len(order_ids) > MOST:
        raise Refusal.of("too_many_orders", most=MOST)
    zone = ZoneInfo(exports.zone(actor.shop_id))

    def local(at: datetime | None) -> str:
        return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    found = exports.orders(actor.shop_id, order_ids)
    rows = [
        (
            row.number, STATUSES[row.status], row.buyer, row.receiver,
            f"{row.phone}-{row.phone_extension}" if row.phone_extension else row.phone, row.province, row.city,
            row.district, row.address, row.postcode, row.title, str(row.quantity), f"{row.paid_amount:.2f}",
            local(row.ordered_at), local(row.paid_at), local(row.deadline), row.buyer_message, row.memo, row.carrier,
            row.waybill,
        )
        for row in found
    ]  # fmt: skip
    disclosures.spend(actor, "exported", len(found), now=now)
    journal.append(actor, "order.exported", [Moved(order_id=row.id) for row in found], now=now)
    return f"orders-{now.astimezone(zone):%Y%m%d%H%M}.xlsx", write_xlsx(HEADER, rows)
