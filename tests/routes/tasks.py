"""The seller's tasks, the order of packing, and saved texts."""

from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.rules.people import Actor, BuyerActor
from fahuo.services import saved_texts, tasks
from fahuo.store.models import Alert, Order, Shop, Task
from tests.routes.kinds import BUYER, NONE, Route
from tests.routes.kinds import route as _r
from tests.services.shipping import make_order

TASK: Final = ["task_id"]
TABLE: Final[dict[str, Route]] = {
    "tasks": _r("shop:view_tasks"),
    "tasks-reply": _r("shop:answer_tasks", NONE, 302, ids="{task_id}", plan="exchange"),
    "task": _r("shop:view_tasks", 200, NONE, *TASK),
    "task-reply": _r("shop:answer_tasks", NONE, 302, *TASK, plan="exchange"),
    "task-buyer-answer": _r("shop:answer_tasks", NONE, 422, *TASK, answer="accept"),
    "task-settle": _r("shop:settle_complaints", NONE, 422, *TASK),
    "task-refund": _r("shop:refund", NONE, 302, *TASK),
    "task-evidence": _r("shop:give_evidence", NONE, 422, *TASK, body="x"),
    "task-take-up": _r("shop:answer_tasks", NONE, 302, *TASK),
    "alerts": _r("shop:view_orders"),
    "alerts-put-away": _r("shop:ship", NONE, 302, id="{alert_id}"),
    "packing": _r("shop:view_orders"),
    "packing-ship": _r("shop:ship", NONE, 302, per_hour="30"),
    "order-after-sales": _r("shop:view_orders", 200, NONE, "order_id"),
    "complaint-settle": _r("shop:settle_complaints", NONE, 422, "order_id"),
    "complaint-evidence": _r("shop:give_evidence", NONE, 422, "order_id", body="x"),
    "refund-agree": _r("shop:refund", NONE, 422, "order_id"),
    "refund-refuse": _r("shop:refund", NONE, 422, "order_id", reason="x"),
    "refund-succeed": _r("shop:refund", NONE, 302, "order_id"),
    "shop-rules": _r("shop:view_orders"),
    "shop-rules-add": _r("shop:configure_shop", NONE, 422, text=""),
    "shop-rule-withdraw": _r("shop:configure_shop", NONE, 422, "addition_id"),
    "ledger": _r("shop:view_ledger"),
    "ledger-sheet": _r("shop:view_ledger"),
    "texts": _r("shop:send_messages", 200, 302, title="稍等", body="明天发"),
    "text-drop": _r("shop:send_messages", NONE, 302, "text_id"),
}  # fmt: skip


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A late order with a task."""
    order = make_order(shop.id, 50, now=now, buyer=BUYER)
    Order.objects.filter(shop_id=shop.id, id=order).update(deadline=now - timedelta(hours=1))
    tasks.press_urge(BuyerActor(shop.id, BUYER), order, now=now)
    task = Task.objects.get(shop_id=shop.id, order_id=order)
    alert = Alert.objects.create(
        shop_id=shop.id, kind="out_of_stock", subject_id=order, order_id=order, at=now, raised_at=now
    )
    return {
        "alert_id": alert.id,
        "task_id": task.id,
        "text_id": saved_texts.keep(owner, title="有货", body="今天发", now=now),
    }
