"""The order list and the order: who may see and do what, filters in the address, acts that answer on the spot."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.store.models import JournalEntry, Order, SavedView, Shop
from tests.conftest import Account, make_account
from tests.store.boards_data import add_order, add_parcel
from tests.web.pages import sign_in, text_of

pytestmark = pytest.mark.django_db
PRIVATE = ("王小明", "17012345678", "文三路1号2单元301室", "买家甲乙")
PART = {"HX-Request": "true"}


@pytest.fixture
def now() -> datetime:
    """Pages ask the wall clock."""
    return timezone.now()


@pytest.fixture
def client(owner_account: Account) -> Client:
    return sign_in(owner_account)


def told(answer: Any) -> str:
    """The toast of an answer to a part."""
    return str(json.loads(answer.headers["HX-Trigger"])["toast"]["text"])


def test_the_list_shows_time_left_and_stake_and_nobody_whole(client: Client, shop: Shop, now: datetime) -> None:
    over = add_order(shop.id, now=now, due=-3, flag=1, urge_count=2, urged_at=now, buyer_message="快点")
    add_order(shop.id, now=now, due=30)
    body = client.get("/s/lan/orders/").content
    text = text_of(body)
    assert text.index("已超时 3 小时") < text.index("还剩 1 天")
    assert over.number in text
    assert "催 2" in text
    assert "¥ 5.00" in text
    assert not [secret for secret in PRIVATE if secret in body.decode()]
    assert "待发货 2" in text


def test_english_and_chinese(owner_account: Account, shop: Shop, now: datetime) -> None:
    add_order(shop.id, now=now)
    assert "To ship" in text_of(sign_in(owner_account, "en").get("/s/lan/orders/").content)


def test_a_filter_stands_in_the_address(client: Client, shop: Shop, now: datetime) -> None:
    wanted = add_order(shop.id, now=now, region="440305", memo="送赠品")
    other = add_order(shop.id, now=now)
    body = client.get("/s/lan/orders/?region=44&memo=赠").content.decode()
    assert wanted.number in body
    assert other.number not in body
    assert "广东省" in body
    none = client.get("/s/lan/orders/?receiver=没有").content
    assert "没有符合条件的订单" in text_of(none)


def test_nonsense_in_the_address_is_named_and_changes_nothing(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    text = text_of(client.get("/s/lan/orders/?cursor=zz&due=soon&tab=nowhere&flag=99").content)
    assert order.number in text
    assert "从第一页开始" in text
    assert "没有用上" in text


def test_empty_tabs_teach(client: Client) -> None:
    assert "导入" in text_of(client.get("/s/lan/orders/?tab=all").content)
    assert client.get("/s/lan/orders/?tab=refunding").status_code == 200


def test_pages_follow_each_other(client: Client, shop: Shop, now: datetime) -> None:
    ids = [add_order(shop.id, now=now, due=due / 10).number for due in range(60)]
    first = client.get("/s/lan/orders/")
    page = first.context["page"]
    second = client.get("/s/lan/orders/", {"cursor": page.next})
    assert [row.number for row in [*first.context["rows"], *second.context["rows"]]] == ids
    again = client.get("/s/lan/orders/", {"cursor": second.context["page"].previous})
    assert [row.number for row in again.context["rows"]] == ids[:50]
    assert "共 60 单" in text_of(first.content)


GET = ["orders/", "orders/{id}/", "orders/{id}/ship/", "orders/{id}/row/", "orders/{id}/check/", "find/?q={number}"]
POST = ["orders/ship/", "orders/export/", "orders/flag/", "orders/report/", "orders/agree/", "orders/called/",
        "orders/papers/",
        "orders/{id}/memo/", "orders/{id}/flag/", "orders/{id}/reveal/", "orders/{id}/urge/", "orders/{id}/agree/",
        "orders/{id}/report/", "orders/{id}/settle/", "orders/{id}/called/", "orders/{id}/ship/"]  # fmt: skip


@pytest.mark.parametrize("address", [*GET, *POST])
def test_a_stranger_finds_nothing(stranger_account: Account, shop: Shop, now: datetime, address: str) -> None:
    order = add_order(shop.id, now=now)
    stranger = sign_in(stranger_account)
    for prefix in ("lan", "zhu"):
        url = f"/s/{prefix}/{address.format(id=order.id, number=order.number)}"
        if prefix == "zhu" and "{id}" not in address:
            continue
        answer = stranger.get(url) if address in GET else stranger.post(url, {"ids": str(order.id)})
        assert answer.status_code in (404, 422), (url, answer.status_code)
        assert order.number.encode() not in answer.content
    assert Client().get(f"/s/lan/orders/{order.id}/").status_code == 302
    assert not JournalEntry.objects.filter(shop_id=shop.id).exists()


@pytest.mark.parametrize("address", ["orders/ship/", "orders/export/", "orders/papers/", "orders/{id}/reveal/",
                                     "orders/{id}/settle/", "orders/{id}/ship/", "orders/{id}/called/"])  # fmt: skip
def test_a_teammate_without_the_permission_is_refused(
    teammate_account: Account, shop: Shop, now: datetime, address: str
) -> None:
    order = add_order(shop.id, now=now, conflict="refunded", conflict_at=now)
    teammate = sign_in(teammate_account)
    answer = teammate.post(f"/s/lan/{address.format(id=order.id)}", {"ids": str(order.id)})
    assert answer.status_code == 403
    assert not JournalEntry.objects.filter(shop_id=shop.id).exists()
    body = teammate.get(f"/s/lan/orders/{order.id}/").content.decode()
    assert 'id="reveal"' not in body
    assert 'id="ship-go"' not in body
    assert 'id="memo-save"' in body


def test_the_order_is_a_page_and_a_part(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, due=5, lines=[{"quantity": 2}, {"title": "杯垫"}])
    page = client.get(f"/s/lan/orders/{order.id}/")
    part = client.get(f"/s/lan/orders/{order.id}/", headers=PART)
    assert b"<html" in page.content
    assert b"<html" not in part.content
    text = text_of(part.content)
    assert "还剩 4 小时 59 分" in text or "还剩 5 小时" in text
    assert "王** 170******78" in text
    assert "48 小时" in text
    assert not [secret for secret in PRIVATE if secret in part.content.decode()]
    assert client.get("/s/lan/orders/1/").status_code == 404


def test_revealing_is_a_permission_and_is_journaled(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    answer = client.post(f"/s/lan/orders/{order.id}/reveal/", headers=PART)
    assert "王小明" in answer.content.decode()
    assert "17012345678" in answer.content.decode()
    entry = JournalEntry.objects.get(shop_id=shop.id)
    assert (entry.act, entry.actor, entry.order_id) == ("order.revealed", "owner", order.id)
    assert "查看收件人" in text_of(answer.content)
    assert "王小明" not in client.get(f"/s/lan/orders/{order.id}/").content.decode()
    assert client.get(f"/s/lan/orders/{order.id}/reveal/").status_code == 405


def test_memo_and_flag_are_edited_in_place(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, flag=2)
    answer = client.post(f"/s/lan/orders/{order.id}/memo/", {"memo": "送杯垫"}, headers=PART)
    assert told(answer) == "备注已保存"
    assert json.loads(answer.headers["HX-Trigger"])["order"] == {"id": order.id}
    assert "送杯垫" in answer.content.decode()
    flagged = client.post(f"/s/lan/orders/{order.id}/flag/", {"flag": "5"}, headers=PART)
    undo = json.loads(flagged.headers["HX-Trigger"])["toast"]["undo"]
    assert Order.objects.get(shop_id=shop.id, id=order.id).flag == 5
    client.post(undo)
    assert Order.objects.get(shop_id=shop.id, id=order.id).flag == 2
    too_long = client.post(f"/s/lan/orders/{order.id}/memo/", {"memo": "长" * 400}, headers=PART)
    assert too_long.status_code == 422
    assert "长" * 400 in too_long.content.decode()


def test_acts_work_without_scripts(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    answer = client.post(f"/s/lan/orders/{order.id}/memo/", {"memo": "急"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/s/lan/orders/{order.id}/"
    assert "备注已保存" in text_of(answer.content)


def test_urges_agreements_reports_conflicts_and_calls(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, due=-2, conflict="address_changed", conflict_at=now)
    here = f"/s/lan/orders/{order.id}"
    until = timezone.localtime(now + timedelta(days=2), timezone.get_fixed_timezone(480)).strftime("%Y-%m-%dT%H:%M")
    assert "一次催发货" in told(client.post(f"{here}/urge/", headers=PART))
    agreed = client.post(f"{here}/agree/", {"until": until}, headers=PART)
    assert "约定已记下" in told(agreed)
    assert "与买家的约定" in text_of(agreed.content)
    assert "报备已记下" in told(client.post(f"{here}/report/", {"until": until}, headers=PART))
    assert client.post(f"{here}/agree/", {"until": "2020-01-01T00:00"}, headers=PART).status_code == 422
    assert "冲突已处理" in told(client.post(f"{here}/settle/", headers=PART))
    assert "叫快递" in told(client.post(f"{here}/called/", headers=PART))
    found = Order.objects.get(shop_id=shop.id, id=order.id)
    assert (found.urge_count, found.conflict, found.called_at is not None) == (1, "", True)
    assert found.deadline is not None
    assert found.deadline > now + timedelta(days=1)
    acts = set(JournalEntry.objects.filter(shop_id=shop.id).values_list("act", flat=True))
    assert acts == {"order.urged", "order.agreed", "order.reported", "order.conflict_settled", "order.called"}


def test_a_row_is_drawn_anew(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    answer = client.get(f"/s/lan/orders/{order.id}/row/?tab=awaiting")
    assert f'id="row-{order.id}"' in answer.content.decode()
    assert client.get("/s/lan/orders/1/row/").status_code == 404


def test_many_orders_at_once(client: Client, shop: Shop, now: datetime) -> None:
    ids = [add_order(shop.id, now=now, due=due, flag=1).id for due in (3, 1, 2)]
    batch = client.post("/s/lan/orders/ship/", {"ids": ",".join(map(str, ids))})
    assert batch.status_code == 302
    assert "/s/lan/batches/" in batch.headers["Location"]
    flagged = client.post("/s/lan/orders/flag/", {"all": "1", "query": "flag=1", "flag": "4"}, follow=True)
    assert "已给 3 单标旗" in text_of(flagged.content)
    assert set(Order.objects.filter(shop_id=shop.id).values_list("flag", flat=True)) == {4}
    called = client.post("/s/lan/orders/called/", {"id": [str(ids[0])]}, follow=True)
    assert "1 单" in text_of(called.content)
    agreed = client.post(
        "/s/lan/orders/agree/", {"all": "1", "agreed": f"{now + timedelta(days=9):%Y-%m-%dT%H:%M}"}, follow=True
    )
    assert "3 单的约定已记下" in text_of(agreed.content)
    assert set(Order.objects.filter(shop_id=shop.id).values_list("deadline_clause", flat=True)) == {"agreed"}
    nothing = client.post("/s/lan/orders/ship/", {"ids": ""})
    assert nothing.status_code == 422


def test_export_is_whole_and_journaled(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, memo="=1+1")
    answer = client.post("/s/lan/orders/export/", {"ids": str(order.id)})
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet = open_sheet("x.xlsx", answer.content)
    row = next(iter(sheet.rows()))
    assert row.cells[0] == order.number
    assert "王小明" in row.cells
    assert "=1+1" in row.cells  # as text: a workbook runs only what it stores as a formula
    assert b"<f>" not in answer.content
    assert JournalEntry.objects.get(shop_id=shop.id).act == "order.exported"


def test_printing_shows_no_prices_and_is_journaled(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, item_amount="123.45", paid_amount="123.45")
    answer = client.post("/s/lan/orders/papers/", {"ids": str(order.id)})
    body = answer.content.decode()
    assert "文三路1号2单元301室" in body
    assert "123.45" not in body
    assert "¥" not in body
    assert Order.objects.get(shop_id=shop.id, id=order.id).printed_at is not None
    assert JournalEntry.objects.get(shop_id=shop.id).act == "order.printed"


def test_columns_are_chosen_and_remembered(client: Client, shop: Shop, now: datetime) -> None:
    add_order(shop.id, now=now, buyer="兰花草")
    assert "兰**" not in text_of(client.get("/s/lan/orders/").content)
    client.post("/s/lan/preferences/", {"table": "orders", "column": ["buyer", "left"], "next": "/s/lan/orders/"})
    text = text_of(client.get("/s/lan/orders/").content)
    assert "兰**" in text
    assert "不发要赔" not in text.split("订单编号", 2)[-1]


def test_views_are_saved_and_dropped(client: Client, shop: Shop, teammate_account: Account, now: datetime) -> None:
    answer = client.post("/s/lan/views/save/", {"name": " 广东 催发货 ", "query": "urged=1&region=44"}, follow=True)
    assert "广东 催发货" in text_of(answer.content)
    view = SavedView.objects.get(shop_id=shop.id)
    assert view.query == "urged=1&region=44"
    client.post("/s/lan/views/save/", {"name": "广东 催发货", "query": "region=44"})
    assert SavedView.objects.get(shop_id=shop.id).query == "region=44"
    assert "没有可保存的" in text_of(client.post("/s/lan/views/save/", {"name": "x", "query": ""}, follow=True).content)
    sign_in(teammate_account).post(f"/s/lan/views/{view.id}/drop/")
    assert SavedView.objects.filter(shop_id=shop.id).count() == 1
    client.post(f"/s/lan/views/{view.id}/drop/")
    assert not SavedView.objects.filter(shop_id=shop.id).exists()


def test_the_history_is_told_in_the_readers_language(owner_account: Account, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    JournalEntry.objects.create(
        shop_id=shop.id, at=now, actor="钟", act="parcel.shipped", order_id=order.id,
        before={"status": "awaiting_shipment"}, after={"status": "shipped", "carrier": "YTO", "waybill": "YT1"},
    )  # fmt: skip
    chinese = text_of(sign_in(owner_account).get(f"/s/lan/orders/{order.id}/").content)
    assert "状态 待发货 → 已发货" in chinese
    assert "圆通速递" in chinese
    english = text_of(sign_in(owner_account, "en").get(f"/s/lan/orders/{order.id}/").content)
    assert "To ship → Shipped" in english


def test_a_page_costs_few_statements(
    client: Client, shop: Shop, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for due in range(30):
        add_parcel(shop.id, add_order(shop.id, now=now, due=due), at=now)
    with django_assert_max_num_queries(19):
        client.get("/s/lan/orders/")


def test_a_printer_may_print_and_not_reveal(shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    printer = sign_in(make_account(shop, "printer", permissions=("print",)))
    assert printer.post("/s/lan/orders/papers/", {"ids": str(order.id)}).status_code == 200
    assert printer.post(f"/s/lan/orders/{order.id}/reveal/").status_code == 403


def test_orders_shipped_elsewhere_are_not_forgotten(client: Client, shop: Shop, now: datetime) -> None:
    elsewhere = add_order(shop.id, now=now, status="shipped")
    text = text_of(client.get("/s/lan/orders/?tab=shipped").content)
    assert "另有 1 单在别处发的货" in text
    assert elsewhere.number in text_of(client.get("/s/lan/orders/?tab=shipped&no_parcel=1").content)


def test_a_slip_of_the_hand_takes_nothing_back(client: Client, shop: Shop, now: datetime) -> None:
    until = now + timedelta(days=3)
    order = add_order(shop.id, now=now, flag=1, agreed_until=until)
    for act, data in (("agree", {"until": "明天"}), ("flag", {"flag": "红"})):
        answer = client.post(f"/s/lan/orders/{order.id}/{act}/", data, headers=PART)
        assert answer.status_code in (200, 400, 422), answer.status_code
    order.refresh_from_db()
    assert (order.flag, order.agreed_until) == (1, until)
