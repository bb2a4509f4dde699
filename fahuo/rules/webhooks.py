"""Events for the shop's own software: which there are, how a delivery is signed, when it is tried again.

Headers and signature are those of Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`. An event is
an entry of the journal or of a task's log; neither holds a buyer's personal data.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

Status = Literal["waiting", "sent", "given_up", "dropped"]
STATUSES: Final[tuple[Status, ...]] = ("waiting", "sent", "given_up", "dropped")
"""waiting: due, or tried without success. given_up: tried for KEEP_TRYING. dropped: its webhook was switched off or
deleted meanwhile; a replay brings either back."""

OPENED: Final = "task.opened"
MOVED: Final = "task.moved"
TRIAL: Final = "webhook.trial"

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "order.imported": ("订单进来", "an order came in"),
    "order.updated": ("订单有更新", "an order changed at the marketplace"),
    "order.conflict": ("打印或发货后平台有变化", "an order changed after it was printed or shipped"),
    "order.conflict_settled": ("冲突已处理", "such a conflict was settled"),
    "order.urged": ("买家催发货", "the buyer urged shipping"),
    "order.agreed": ("与买家约定了发货时间", "a later time was agreed with the buyer"),
    "order.reported": ("报备了延迟发货", "a delay was approved"),
    "order.exempted": ("地区免责，期限调整", "an exempt region moved the deadline"),
    "order.memo": ("改了备注", "the memo changed"),
    "order.flag": ("换了旗子", "the flag changed"),
    "order.printed": ("打印了发件单", "a paper was printed"),
    "order.exported": ("导出了订单", "the order was exported"),
    "order.revealed": ("查看了收件人", "somebody looked at the receiver in full"),
    "order.erased": ("按规定删除了个人信息", "personal data of the order was erased by rule or on request"),
    "receivers.many": ("有账号看了或导出了很多收件人", "an account has looked at or exported many receivers today"),
    "order.called": ("叫了快递", "the courier was called"),
    "order.received": ("买家确认收货", "the buyer confirmed receipt"),
    "order.refunded": ("订单退款", "the order was refunded"),
    "parcel.shipped": ("发货", "a parcel was shipped"),
    "parcel.corrected": ("改了运单号", "a waybill number was corrected"),
    "parcel.voided": ("作废了包裹", "a parcel was taken back"),
    "parcel.scanned": ("快递扫描", "the carrier scanned a parcel"),
    "parcel.handed_over": ("快递员取走包裹", "the courier took a parcel"),
    "order.assigned": ("选定快递合同", "a contract was chosen for the order"),
    "order.handed": ("交给快递员处理", "the order was handed to a contract's couriers"),
    "order.taken_back": ("从快递员收回", "the order was taken back from them"),
    "label.made": ("取号做面单", "a label was made"),
    "label.printed": ("打印了面单", "a label was printed"),
    "label.reprinted": ("补打了面单", "a label was printed again"),
    "label.packed": ("打包", "a parcel was packed"),
    "label.unpacked": ("撤销打包", "its packing was taken back"),
    "label.shipped": ("面单发货", "a label's parcel was shipped"),
    "label.unshipped": ("面单退回未发货", "a label's parcel was taken back"),
    "label.voided": ("作废了面单", "a label was voided"),
    "number.ordered": ("向快递公司取号", "a number was ordered from the carrier"),
    "number.dropped": ("退回快递公司的号", "an ordered number was given back"),
    "number.settled": ("取号结果已核实", "it was settled what became of an ordered number"),
    "marketplace.confirmed": ("已回传平台发货", "the marketplace was told of a shipment"),
    "alert.put_away": ("收起了提醒", "an alert was put away"),
    "pickup.opened": ("开始交接", "a pickup was opened"),
    "pickup.called": ("叫了快递来取", "a pickup was called for"),
    "pickup.signed": ("快递员签收交接单", "the courier signed for a pickup"),
    "pickup.cancelled": ("取消交接", "a pickup was cancelled"),
    "pickup.settled": ("自己和快递说好了", "somebody settled with the carrier what its service refused"),
    "batch.undone": ("撤销了批次", "a shipping batch was undone"),
    "refund.request": ("买家申请退款", "the buyer asked for a refund"),
    "refund.withdraw": ("买家撤回退款申请", "the buyer took the refund request back"),
    "refund.agree": ("同意退款", "a refund was agreed to"),
    "refund.refuse": ("拒绝退款", "a refund was refused"),
    "refund.succeed": ("退款成功", "a refund succeeded"),
    "complaint.opened": ("被投诉", "a complaint was opened"),
    "complaint.settled": ("赔付了投诉", "a complaint was settled"),
    "complaint.upheld": ("投诉成立", "a complaint was upheld"),
    "complaint.dismissed": ("投诉不成立", "a complaint was dismissed"),
    "complaint.withdrawn": ("买家撤销投诉", "a complaint was withdrawn"),
    "evidence.added": ("提交了凭证", "evidence was put on record"),
    "message.sent": ("给买家发了消息", "the shop wrote to the buyer"),
    "message.rested": ("对话标为不用回复", "a conversation needs no answer"),
    "report.filed": ("提交了报备", "a delay report was filed"),
    "report.withdrawn": ("撤回了报备", "a delay report was withdrawn"),
    "report.approved": ("报备通过", "a delay report was approved"),
    "report.rejected": ("报备未通过", "a delay report was rejected"),
    OPENED: ("生成平台任务", "a platform task was made"),
    MOVED: ("平台任务有进展", "a platform task moved"),
}  # fmt: skip
"""Kind of event -> what happened, in Chinese and English. All but the two of tasks are acts of the journal."""

HOUSEHOLD: Final = frozenset({
    "buyer", "carrier", "carrier_rule", "channels", "contract", "contracts", "courier", "gateway", "keys", "marketplace",
    "people", "route_mark", "route_marks", "shop", "sku", "skus", "text", "webhooks",
})  # fmt: skip
"""What the acts of the journal are about (the word before the dot) that leave the shop by no webhook: who serves it, and
how it is set up."""

KEEP_TRYING: Final = timedelta(days=3)
WAITS: Final[tuple[timedelta, ...]] = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200)
)
"""How long after an attempt the next follows; the last one is repeated."""

LEASE: Final = timedelta(seconds=60)
"""How long whoever took a delivery has for it before somebody else takes it again."""

TOLERANCE: Final = timedelta(minutes=5)
"""How old a timestamp a receiver should accept."""

FINAL: Final = frozenset({"http:410"})
"""Answers upon which a webhook is switched off at once: the address says that it is gone."""


def wait(failures: int) -> timedelta:
    """How long to rest after so many failures in a row (from 1)."""
    return WAITS[min(max(failures, 1), len(WAITS)) - 1]


def again(created_at: datetime, attempts: int, *, now: datetime) -> datetime | None:
    """When a delivery that failed is tried next; None when three days are over."""
    moment = now + wait(attempts)
    return moment if moment <= created_at + KEEP_TRYING else None


def secret_of(key: str, shop_id: int, webhook_id: int, number: int) -> str:
    """A webhook's secret, drawn from the installation's secret `key`, so that none is kept. `number` makes a new one."""
    seed = f"webhook:{shop_id}:{webhook_id}:{number}".encode()
    return "whsec_" + base64.b64encode(hmac.new(key.encode(), seed, hashlib.sha256).digest()).decode()


def sign(secret: str, delivery: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature` of one attempt."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{delivery}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Whether a delivery is genuine and fresh: for receivers. Header names in small letters."""
    try:
        timestamp = int(headers["webhook-timestamp"])
        signature, delivery = headers["webhook-signature"], headers["webhook-id"]
    except (KeyError, ValueError):
        return False
    if abs(now.timestamp() - timestamp) > TOLERANCE.total_seconds():
        return False
    wanted = sign(secret, delivery, timestamp, body)
    return any(hmac.compare_digest(wanted, given) for given in signature.split())
