"""The rest of the example shop: what it is set up with, and a call for every operation about that."""

from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

from fahuo.rules.contracts import Tariff
from fahuo.rules.labels import standard_text
from fahuo.rules.people import Actor
from fahuo.services import (
    carriers,
    channels,
    contracts,
    evidence,
    handing,
    label_templates,
    labels,
    marketplaces,
    pickups,
    print_jobs,
)
from fahuo.services import settings as shop_settings
from fahuo.services.sealing import seal_fields
from fahuo.store.models import (
    Alert,
    CarrierAccount,
    CarrierRule,
    ColumnMap,
    PickupCall,
    Printer,
    RouteMark,
    RuleAddition,
    Shop,
    Sku,
    WaybillNumber,
)
from tests.api.example import Example
from tests.carriers.carrier import SETTINGS
from tests.services.contracts import make_contract, make_courier
from tests.services.shipping import make_order, order_number, waybill

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
SHEET = b64encode("订单编号,运单号\n1,2\n".encode()).decode()


def build(world: dict[str, Any], owner: Actor, *, now: datetime) -> dict[str, Any]:
    """More of the shop's things by name."""
    shop: Shop = world["shop"]
    entered = make_contract(shop.id, "圆通", carrier="YTO", now=now)
    courier, closed = make_courier(entered, "lan:kuaidi"), make_courier(entered, "lan:old", active=False)
    handed = [make_order(shop.id, n, now=now) for n in (21, 22)]
    handing.hand(owner, handed[:1], contract_id=entered.id, now=now)
    bare = make_contract(shop.id, "没用过的", carrier="STO", now=now)
    account = carriers.open_account(owner, "sf", "顺丰", SETTINGS["sf"], now=now)
    CarrierAccount.objects.filter(shop_id=shop.id, id=account).update(
        settings=seal_fields({**SETTINGS["sf"], "gateway": "https://127.0.0.1:9/"})
    )
    contracts.set_tariffs(owner, world["contract"], [Tariff()], now=now)
    browser = Printer.objects.create(
        shop_id=shop.id, name="浏览器", kind="browser", language="pdf", acknowledge="person", created_at=now
    )
    made = labels.make(
        owner, [make_order(shop.id, n, now=now) for n in (23, 24)], contract_id=world["contract"], now=now
    )
    first, second = (each.label_id for each in made if isinstance(each, labels.Made))
    return {
        "entered": entered.id, "courier": courier.courier.id, "closed_courier": closed.courier.id, "bare": bare.id,
        "rule": CarrierRule.objects.create(shop_id=shop.id).id,
        "mark": RouteMark.objects.create(shop_id=shop.id, carrier="ZTO", region="44", mark="粤").id,
        "sku": Sku.objects.create(shop_id=shop.id, code="C1").id,
        "number": WaybillNumber.objects.filter(shop_id=shop.id, contract_id=world["contract"], state="free").order_by("id")[0],
        "template": label_templates.keep(owner, name="样", body=standard_text(), now=now),
        "browser_job": print_jobs.make(owner, [first], printer_id=browser.id, now=now).job_id,
        "held_job": print_jobs.make(owner, [second], printer_id=world["printer"], now=now).job_id,
        "alert": Alert.objects.create(
            shop_id=shop.id, kind="not_picked_up", subject_id=world["parcel"], parcel_id=world["parcel"], at=now, raised_at=now
        ).id,
        "channel": channels.add(owner, kind="wecom", name="群", fields={"token": "k-1"}, of_shop=True, now=now),
        "account": account, "marketplace": marketplaces.connect(owner, "taobao", {"app_key": "1", "app_secret": "2"}, now=now),
        "addition": RuleAddition.objects.create(
            platform="taobao", shop_id=shop.id, name="n", starts_at=now + timedelta(days=30), body="", added_at=now, added_by="x"
        ).id,
        "table": shop_settings.keep_template(
            owner, shop_settings.SheetTemplate("表一", "address", [("单号", "number")]), fields=["number"], now=now
        ),
        "map": ColumnMap.objects.create(shop_id=shop.id, kind="orders", fingerprint="x", columns={}, created_at=now).id,
        "piece": evidence.add(owner, report_id=world["report"], body="", file=("a.png", PNG), now=now),
        "asked_pickup": _asked(shop, owner, entered.id, account, now),
        "called": pickups.call(owner, entered.id, at=now + timedelta(hours=3), now=now),
    }  # fmt: skip


def _asked(shop: Shop, owner: Actor, contract: int, account: int, now: datetime) -> int:
    """A pickup that the service refused."""
    made = pickups.call(owner, contract, at=now + timedelta(hours=9), now=now)
    problem = {"code": "carrier_refused", "data": {"code": "8057"}}
    PickupCall.objects.create(
        shop_id=shop.id, pickup_id=made, account_id=account, state="refused", problem=problem, made_at=now
    )
    return made


def examples(world: dict[str, Any]) -> dict[str, Example]:
    """Operation -> its call."""
    return contract_examples(world) | people_examples(world) | printing_examples(world) | file_examples(world) | {
        "list_alerts": Example({}, query="kind=not_picked_up"),
        "count_alerts": Example({}),
        "put_alerts_away": Example({}, {"ids": [world["alert"]]}),
        "get_member_metrics": Example({}),
        "get_hours": Example({}),
        "list_turns": Example({}, query="only=slow"),
        "list_due": Example({}, query="only=no_scan"),
        "list_raised": Example({}),
        "list_paid": Example({}, query="hour=12"),
        "list_shipped": Example({}),
        "export_metrics": Example({}, query="what=members"),
        "sum_complaints": Example({}),
        "export_complaints": Example({}),
        "list_journal": Example({}, query="act=keys.made"),
        "list_rule_additions": Example({}),
        "check_rule_addition": Example({}, {"text": "x"}, status=422),
        "schedule_rule_addition": Example({}, {"text": "x"}, status=422),
        "withdraw_rule_addition": Example({"addition_id": world["addition"]}),
        "get_automatic_answer": Example({}),
        "set_automatic_answer": Example({}, {"body": "在的", "start": "22:00", "end": "08:00"}),
        "set_tasks_here": Example({}, {"here": False}),
    }  # fmt: skip


def contract_examples(world: dict[str, Any]) -> dict[str, Example]:
    """Contracts, their numbers, rules, marks and goods."""
    stocked, terms = {"contract_id": world["contract"]}, {"carrier": "ZTO", "name": "改名"}
    rule, one = {"rule_id": world["rule"]}, {"number": order_number(1)}
    return {
        "get_contract": Example(stocked),
        "make_contract": Example({}, {"carrier": "SF", "name": "新合同", "pickup_times": ["16:30"]}, status=201),
        "change_contract": Example(stocked, terms),
        "place_contracts": Example({}, {"ids": [world["contract"]]}),
        "get_tariffs": Example(stocked),
        "set_tariffs": Example(stocked, {"rows": [{"region": "", "first_price": "4"}]}),
        "quote_contract": Example(stocked, query="region=310104&grams=1200"),
        "get_stock": Example(stocked),
        "list_lots": Example(stocked),
        "list_number_moves": Example(stocked, query="act=buy"),
        "list_numbers": Example(stocked, query="state=free"),
        "get_number": Example({**stocked, "waybill": world["number"].number}),
        "buy_number_run": Example(stocked, {"first": waybill(970), "count": 2, "price": "0.8", "bought_on": "2026-03-02"}, status=201),
        "void_numbers": Example({}, {"ids": [world["number"].id], "note": "受潮"}, elsewhere=422),
        "list_carrier_rules": Example({}),
        "add_carrier_rule": Example({}, {"name": "规则", "memo": ["顺丰"], "min_amount": "99"}, status=201),
        "change_carrier_rule": Example(rule, {"name": "规则"}),
        "drop_carrier_rule": Example(rule),
        "place_carrier_rules": Example({}, {"ids": [world["rule"]]}),
        "explain_contract": Example(one),
        "list_route_marks": Example({}),
        "keep_route_mark": Example({}, {"carrier": "ZTO", "region": "33", "mark": "浙"}),
        "drop_route_marks": Example({}, {"ids": [world["mark"]]}),
        "list_skus": Example({}, query="text=C"),
        "keep_sku": Example({}, {"code": "C9", "grams": 500}),
        "drop_skus": Example({}, {"ids": [world["sku"]]}),
        "add_named_skus": Example({}),
    }  # fmt: skip


def people_examples(world: dict[str, Any]) -> dict[str, Example]:
    """Couriers, channels, keys, accounts, marketplaces."""
    courier, channel = {"courier_id": world["courier"]}, {"channel_id": world["channel"]}
    account, market = {"account_id": world["account"]}, {"marketplace_id": world["marketplace"]}
    setup = {"name": "群二", "fields": {"token": "k-2"}}
    return {
        "list_couriers": Example({}),
        "invite_courier": Example(
            {}, {"name": "小张", "contract_id": world["entered"], "username": "lan:zhang"}, status=201, elsewhere=422
        ),
        "change_courier": Example(courier, {"name": "小李", "contract_id": world["entered"]}),
        "close_courier": Example(courier),
        "reopen_courier": Example({"courier_id": world["closed_courier"]}),
        "reset_courier_password": Example(courier, status=422),
        "set_hands_over": Example({"contract_id": world["entered"]}, {"hands_over": True}),
        "hand_orders": Example({}, {"orders": [order_number(22)], "contract_id": world["entered"]}, elsewhere=422),
        "take_orders_back": Example({}, {"orders": [order_number(21)]}, elsewhere=422),
        "set_courier_note": Example({"number": order_number(21)}, {"note": "易碎"}),
        "list_channels": Example({}),
        "add_channel": Example({}, {"kind": "wecom", **setup}, status=201),
        "change_channel": Example(channel, setup),
        "drop_channel": Example(channel),
        "try_channel": Example(channel, status=201),
        "list_channel_messages": Example(channel),
        "reset_member_password": Example({"member_id": world["member"]}, also="all"),
        "list_keys": Example({}),
        "make_key": Example({}, {"name": "仓库", "scopes": ["people"]}, status=201),
        "revoke_key": Example({"key_id": world["key"]}),
        "list_carrier_accounts": Example({}),
        "get_carrier_account": Example(account),
        "open_carrier_account": Example({}, {"kind": "sf", "name": "顺丰二", "fields": SETTINGS["sf"]}, status=201),
        "change_carrier_account": Example(account, {"name": "顺丰", "fields": SETTINGS["sf"]}),
        "drop_carrier_account": Example(account),
        "try_carrier_account": Example(account, status=422),
        "ask_carrier_again": Example(account, {}),
        "settle_number_order": Example(account, {"id": 1}),
        "set_number_source": Example({"contract_id": world["bare"]}, {"account_id": None}),
        "list_marketplaces": Example({}),
        "get_marketplace": Example(market),
        "connect_marketplace": Example(
            {}, {"kind": "woocommerce", "fields": {"address": "https://w.example", "key": "k", "secret": "s"}}, status=201
        ),
        "change_marketplace": Example(market, {"fields": {"app_key": "1"}}),
        "drop_marketplace": Example(market),
        "pull_marketplace": Example(market),
        "tell_marketplace_again": Example(market, {}),
        "read_marketplace_again": Example(market, {"refs": [order_number(1)]}),
        "settle_telling": Example(market, {"id": 1}),
    }  # fmt: skip


def printing_examples(world: dict[str, Any]) -> dict[str, Example]:
    """Printers, templates, jobs, pickups."""
    printer, template, job = (
        {"printer_id": world["printer"]},
        {"template_id": world["template"]},
        {"job_id": world["held_job"]},
    )
    setup, text = {"name": "机二", "kind": "raw", "host": "192.168.1.60"}, {"name": "样二", "body": standard_text()}
    pickup, called = {"pickup_id": world["pickup"]}, {"pickup_id": world["called"]}
    return {
        "add_printer": Example({}, setup, status=201),
        "get_printer": Example(printer),
        "change_printer": Example(printer, setup),
        "turn_printer_on": Example(printer),
        "turn_printer_off": Example(printer),
        "look_at_printer": Example(printer),
        "test_printer": Example(printer),
        "list_label_templates": Example({}),
        "add_label_template": Example({}, text, status=201),
        "get_label_template": Example(template),
        "change_label_template": Example(template, text),
        "drop_label_template": Example(template),
        "set_standard_template": Example({}, {"template_id": world["template"]}, elsewhere=422),
        "list_past_print_jobs": Example({}),
        "list_print_documents": Example(job),
        "hold_print_job": Example(job),
        "resume_print_job": Example(job),
        "cancel_print_job": Example(job),
        "answer_print_job": Example(job, {"came_out": True}),
        "take_print_file": Example({"job_id": world["browser_job"]}),
        "reprint_labels": Example({}, {"labels": [world["label"]], "printer_id": world["printer"], "reason": "打花了"}, status=201, elsewhere=422),
        "get_label": Example({"label_id": world["label"]}),
        "enter_label": Example({"number": order_number(22)}, {"contract_id": world["entered"], "waybill": "YT7533000000501"}),
        "get_pickup_day": Example({}),
        "get_pickup": Example(pickup),
        "begin_daily_pickup": Example({}, {"contract_id": world["bare"], "at": world["now"].isoformat()}, status=422),
        "begin_pickup": Example(called),
        "ask_pickup_again": Example({"pickup_id": world["asked_pickup"]}),
        "settle_pickup_call": Example({"pickup_id": world["asked_pickup"]}),
        "list_packed_on_manifest": Example(pickup),
        "take_off_manifest": Example(pickup, {"waybills": [waybill(900)]}),
        "list_left_behind": Example({}, query="tab=packed"),
    }  # fmt: skip


def file_examples(world: dict[str, Any]) -> dict[str, Example]:
    """Sheets in, workbooks out, tables of the shop's own."""
    numbers = {"orders": [order_number(1)]}
    waiting, shipped = {"batch_id": world["waiting"]}, {"batch_id": world["shipped"]}
    table = {"name": "表二", "purpose": "address", "columns": [["单号", "number"]]}
    return {
        "send_sheet": Example({}, {"kind": "shipments", "name": "a.csv", "content": SHEET, "carrier": "ZTO"}, status=201, also="ship"),
        "open_batch": Example({}, numbers, status=201, elsewhere=422),
        "map_batch_columns": Example(waiting, {"columns": {"甲": "number"}}, status=409, also="ship"),
        "assign_batch_carrier": Example(waiting, {"carrier": "ZTO"}),
        "fill_batch_run": Example(waiting, {"carrier": "ZTO", "first": waybill(980), "again": True}),
        "fill_batch_sheet": Example(waiting, {"name": "n.csv", "content": SHEET, "carrier": "ZTO"}),
        "export_batch_problems": Example(waiting, also="ship"),
        "export_addresses": Example(waiting, {"carrier": ""}),
        "export_upload_file": Example(shipped, {}),
        "export_orders": Example({}, numbers, elsewhere=422),
        "print_consignments": Example({}, numbers, elsewhere=422),
        "set_flags": Example({}, {**numbers, "flag": 3}, elsewhere=422),
        "get_pick_list": Example({}, numbers, elsewhere=422),
        "add_report_evidence": Example({"report_id": world["report"]}, {"body": "停电通知"}, status=201),
        "list_evidence": Example({"number": order_number(6)}),
        "list_report_evidence": Example({"report_id": world["report"]}),
        "get_report_file": Example({"report_id": world["report"], "evidence_id": world["piece"]}),
        "list_sheet_templates": Example({}),
        "add_sheet_template": Example({}, table, status=201),
        "change_sheet_template": Example({"template_id": world["table"]}, table),
        "drop_sheet_template": Example({"template_id": world["table"]}),
        "list_column_maps": Example({}),
        "forget_column_map": Example({"map_id": world["map"]}, elsewhere=200),
    }  # fmt: skip
