"""A shop with an example of everything that an operation can name, and for every operation a call that makes sense there.

The permission table walks these calls for everybody; an operation that has none here fails it.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fahuo.rules.people import Actor, BuyerActor
from fahuo.rules.reports import Wish
from fahuo.services import (
    batches,
    complaints,
    keys,
    labels,
    messages,
    parcels,
    people,
    pickups,
    print_jobs,
    refunds,
    reports,
    saved_texts,
    tasks,
    webhooks,
)
from fahuo.store.models import Order, Printer, Shop, Task
from tests.api import setting_up
from tests.api.example import Example
from tests.services.shipping import make_order, order_number, waybill
from tests.services.stocks import buy, make_contract

BUYER = "林间"


def build(shop: Shop, owner: Actor, *, now: datetime) -> dict[str, Any]:
    """The shop's things by name."""
    ids = {n: make_order(shop.id, n, now=now, buyer=BUYER) for n in range(1, 12)}
    late = now - timedelta(days=4)
    for n in (3, 4, 5):
        Order.objects.filter(shop_id=shop.id, id=ids[n]).update(
            paid_at=late, ordered_at=late, deadline=late + timedelta(days=2)
        )
        assert tasks.press_urge(BuyerActor(shop.id, BUYER), ids[n], now=now).outcome == "task"
    Task.objects.filter(shop_id=shop.id, order_id=ids[5]).update(set_aside_at=now)
    tasks.reply(owner, ids[4], plan="ship_later", until=now + timedelta(days=2), now=now)
    complaints.open_by_buyer(BuyerActor(shop.id, BUYER), ids[6], kind="delay", now=now)
    refunds.request(BuyerActor(shop.id, BUYER), ids[7], amount=Decimal("1.00"), reason="不想要了", now=now)
    refunds.request(BuyerActor(shop.id, BUYER), ids[8], amount=Decimal("1.00"), reason="不想要了", now=now)
    parcel = parcels.ship(owner, order_ids=[ids[2]], carrier="ZTO", waybill=waybill(2), now=now)
    shipped = batches.open_shipments(owner, order_ids=[ids[9]], now=now)
    batches.fill_from_run(owner, shipped, carrier="ZTO", first=waybill(9), now=now)
    assert batches.work(shop.id, shipped, now=now)
    batches.commit(owner, shipped, now=now)
    assert batches.work(shop.id, shipped, now=now)
    waiting = batches.open_shipments(owner, order_ids=[ids[10]], now=now)
    batches.fill_from_run(owner, waiting, carrier="ZTO", first=waybill(10), now=now)
    assert batches.work(shop.id, waiting, now=now)
    closed = batches.open_shipments(owner, order_ids=[ids[11]], now=now)
    batches.close(owner, closed, now=now)
    contract = make_contract(shop.id, now=now)
    buy(owner, contract, 10, first=waybill(900), now=now)
    made = labels.make(owner, [ids[10], ids[11]], now=now, contract_id=contract.id)
    label, other = (each.label_id for each in made if isinstance(each, labels.Made))
    printer = Printer.objects.create(
        shop_id=shop.id, name="发货台 1", kind="raw", host="127.0.0.1", port=9, created_at=now
    ).id
    job = print_jobs.make(owner, [other], printer_id=printer, now=now).job_id
    message = messages.send(BuyerActor(shop.id, BUYER), ids[1], body="在吗", now=now)
    member, _ = people.invite(owner, username=f"m{shop.id}", name="小陈", permissions=["tasks"], now=now)
    idle, _ = people.invite(owner, username=f"i{shop.id}", name="小王", permissions=[], now=now)
    people.deactivate(owner, idle, now=now)
    task_ids = {row.order_id: row.id for row in Task.objects.filter(shop_id=shop.id)}
    world = {
        "shop": shop, "parcel": parcel, "shipped": shipped, "waiting": waiting, "closed": closed, "message": message,
        "member": member, "idle": idle, "task": task_ids[ids[3]], "plan": task_ids[ids[4]], "aside": task_ids[ids[5]],
        "report": reports.file_with(owner, Wish(now + timedelta(days=3), "shop"), name="停工", body="", files=(), now=now),
        "text": saved_texts.keep(owner, title="今天发", body="今天发出", now=now),
        "contract": contract.id, "label": label, "printer": printer, "job": job,
        "pickup": pickups.call(owner, contract.id, at=now + timedelta(hours=2), now=now),
        "webhook": webhooks.add(owner, name="ERP", address="https://erp.example.com/in", now=now)[0],
        "key": keys.make(owner, name="old", scopes=["ship"], now=now)[0], "now": now,
    }  # fmt: skip
    return world | setting_up.build(world, owner, now=now)


def examples(world: dict[str, Any]) -> dict[str, Example]:
    """Operation -> its call."""
    now: datetime = world["now"]
    soon = (now + timedelta(days=5)).isoformat()
    one, numbers = {"number": order_number(1)}, {"orders": [order_number(1)]}
    shipment = {"orders": [order_number(1)], "carrier": "ZTO", "waybill": waybill(1)}
    paid = (now - timedelta(hours=1)).isoformat()
    incoming = {
        "number": "3001900000000077", "buyer": "b", "receiver": "甲", "address": "浙江省 杭州市 西湖区 文三路 1 号", "title": "皂",
        "paid_at": paid, "ordered_at": paid,
    }  # fmt: skip
    scan = {"carrier": "ZTO", "waybill": waybill(2), "kind": "picked_up", "at": now.isoformat()}
    tomorrow = (now + timedelta(hours=20)).isoformat()
    hook = {"webhook_id": world["webhook"]}
    report = {"name": "停工", "until": soon, "scope": "shop"}
    return {
        "list_orders": Example({}, query="tab=all"),
        "count_orders": Example({}),
        "import_orders": Example({}, {"rows": [incoming]}),
        "get_order": Example(one),
        "explain_order": Example(one),
        "reveal_receiver": Example(one),
        "set_memo": Example(one, {"memo": "m"}),
        "set_flag": Example(one, {"flag": 1}),
        "settle_conflict": Example(one),
        "let_wait": Example({}, {**numbers, "until": soon}, elsewhere=422),
        "note_courier_call": Example({}, numbers, elsewhere=422),
        "mark_printed": Example({}, numbers, elsewhere=422),
        "ship_parcel": Example({}, shipment, status=201, elsewhere=422),
        "ship_many": Example({}, {"rows": [{"order": order_number(1), "waybill": waybill(1)}], "carrier": "ZTO"}),
        "correct_parcel": Example({"parcel_id": world["parcel"]}, {"carrier": "ZTO", "waybill": waybill(77)}),
        "void_parcel": Example({"parcel_id": world["parcel"]}),
        "record_scans": Example({}, {"rows": [scan]}),
        "list_batches": Example({}),
        "get_batch": Example({"batch_id": world["shipped"]}),
        "list_batch_rows": Example({"batch_id": world["shipped"]}),
        "commit_batch": Example({"batch_id": world["waiting"]}, also="ship"),
        "undo_batch": Example({"batch_id": world["shipped"]}, also="ship"),
        "hand_over_batch": Example({"batch_id": world["shipped"]}, also="ship"),
        "close_batch": Example({"batch_id": world["waiting"]}, also="ship"),
        "reopen_batch": Example({"batch_id": world["closed"]}, also="ship"),
        "list_tasks": Example({}),
        "count_tasks": Example({}),
        "get_task": Example({"task_id": world["task"]}),
        "reply_task": Example({"task_id": world["task"]}, {"plan": "ship_later", "until": soon}),
        "reply_many": Example({}, {"orders": [order_number(3)], "plan": "ship_later", "until": soon}),
        "take_up_task": Example({"task_id": world["aside"]}),
        "note_buyer_answer": Example({"task_id": world["plan"]}, {"accept": True}),
        "enter_urges": Example({}, {"rows": [{"order": order_number(1), "at": now.isoformat()}]}),
        "list_urges": Example({}),
        "list_reminders": Example({}),
        "list_complaints": Example({}),
        "note_complaint": Example(one, {"kind": "delay"}, status=201),
        "settle_complaint": Example({"number": order_number(6)}),
        "note_complaint_withdrawn": Example({"number": order_number(6)}),
        "add_evidence": Example({"number": order_number(6)}, {"body": "底单"}, status=201),
        "agree_refund": Example({"number": order_number(7)}),
        "refuse_refund": Example({"number": order_number(8)}, {"reason": "已寄出"}),
        "note_refund": Example(one, {}),
        "list_reports": Example({}),
        "get_report": Example({"report_id": world["report"]}),
        "file_report": Example({}, {**report, "name": "再停工"}, status=201),
        "preview_report": Example({}, report),
        "withdraw_report": Example({"report_id": world["report"]}),
        "list_talks": Example({}, query="tab=all"),
        "get_talk": Example(one),
        "send_message": Example(one, {"body": "马上发"}, status=201),
        "see_talk": Example(one, {"until": world["message"]}),
        "rest_talk": Example(one, {"until": world["message"]}),
        "list_texts": Example({}),
        "keep_text": Example({}, {"title": "t", "body": "b"}, status=201),
        "drop_text": Example({"text_id": world["text"]}, elsewhere=200),
        "get_key": Example({}),
        "get_shop": Example({}),
        "set_shop": Example({}, {"default_carrier": "ZTO"}),
        "list_exempt_regions": Example({}),
        "get_rulebook": Example({}),
        "get_metrics": Example({}),
        "list_members": Example({}),
        "invite_member": Example({}, {"username": "fresh", "name": "新", "permissions": ["people"]}, status=201),
        "grant_member": Example({"member_id": world["member"]}, {"permissions": ["people"]}, also="all"),
        "deactivate_member": Example({"member_id": world["member"]}, also="all"),
        "reactivate_member": Example({"member_id": world["idle"]}),
        "list_contracts": Example({}),
        "buy_numbers": Example(
            {"contract_id": world["contract"]}, {"numbers": [waybill(950)], "price": "0.80", "bought_on": "2026-03-02"}, status=201,
        ),
        "choose_contracts": Example({}, {**numbers, "contract_id": world["contract"]}, elsewhere=422),
        "list_labels": Example({}),
        "make_labels": Example({}, numbers),
        "void_labels": Example({}, {"labels": [world["label"]], "reason": "地址改了"}),
        "ship_labels": Example({}, {"labels": [world["label"]]}),
        "print_labels": Example({}, {"labels": [world["label"]], "printer_id": world["printer"]}, status=201, elsewhere=422),
        "list_print_jobs": Example({}),
        "get_print_job": Example({"job_id": world["job"]}),
        "list_printers": Example({}),
        "list_pickups": Example({}),
        "call_pickup": Example({}, {"contract_id": world["contract"], "at": tomorrow}, status=201, elsewhere=422),
        "list_on_manifest": Example({"pickup_id": world["pickup"]}, {"waybills": [waybill(900)]}),
        "sign_pickup": Example({"pickup_id": world["pickup"]}, {"count": 1, "courier": "小张"}, status=422),
        "cancel_pickup": Example({"pickup_id": world["pickup"]}),
        "list_event_kinds": Example({}),
        "list_webhooks": Example({}),
        "add_webhook": Example({}, {"address": "https://erp.example.com/2"}, status=201),
        "get_webhook": Example(hook),
        "change_webhook": Example(hook, {"address": "https://erp.example.com/3"}),
        "drop_webhook": Example(hook),
        "turn_webhook_on": Example(hook),
        "turn_webhook_off": Example(hook),
        "turn_webhook_secret": Example(hook),
        "try_webhook": Example(hook, status=201),
        "list_deliveries": Example(hook),
        "replay_deliveries": Example(hook, {"failed": True}),
        **setting_up.examples(world),
    }  # fmt: skip
