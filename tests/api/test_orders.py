"""Orders by the API: what an import understands is understood here, and answered row by row."""

from datetime import datetime, timedelta

from fahuo.store.models import Batch, JournalEntry, Order, Shop
from tests.api.conftest import Caller
from tests.services.shipping import make_order, order_number, waybill


def row(n: int, now: datetime, **more: str) -> dict[str, object]:
    paid = (now - timedelta(hours=3)).isoformat()
    return {
        "number": order_number(n), "buyer": "林间", "receiver": "林间", "phone": "13800000001",
        "address": "浙江省 杭州市 西湖区 文三路 1 号", "title": "皂", "item_amount": "59.00", "paid_amount": "59.00",
        "ordered_at": paid, "paid_at": paid, **more,
    }  # fmt: skip


def test_orders_come_in_row_by_row_and_again_change_nothing(api: Caller, shop: Shop, now: datetime) -> None:
    sent = [
        row(1, now),
        row(2, now, item_amount="a lot"),
        row(3, now, status="shipped", carrier="ZTO", waybill=waybill(3)),
        row(1, now),
    ]
    answer = api.post("/orders", {"rows": sent, "name": "night run"})
    assert answer.status == 200
    assert [each["verdict"] for each in answer.data["rows"]] == ["done", "bad", "done", "bad"]
    assert answer.data["rows"][1]["problems"][0] | {"sentence": ""} == {
        "field": "item_amount",
        "code": "not_money",
        "data": {},
        "sentence": "",
    }
    assert answer.data["rows"][3]["problems"][0]["code"] == "number_twice"
    batch = Batch.objects.get(shop_id=shop.id, id=answer.data["batch_id"])
    assert (batch.name, batch.status, batch.row_count, batch.done_count, batch.bad_count) == (
        "night run",
        "committed",
        4,
        2,
        2,
    )
    assert Order.objects.filter(shop_id=shop.id).count() == 2
    assert {entry.actor for entry in JournalEntry.objects.filter(shop_id=shop.id, act="order.imported")} == {"ERP"}
    again = api.post("/orders", {"rows": sent[:1]})
    assert again.data["rows"][0]["verdict"] == "same"


def test_lines_come_with_a_new_order(api: Caller, now: datetime) -> None:
    lines = [{"title": "皂", "quantity": "2", "price": "9.00"}, {"title": "盒", "sku": "红"}]
    assert api.post("/orders", {"rows": [{**row(1, now), "lines": lines}]}).data["rows"][0]["verdict"] == "done"
    told = api.get(f"/orders/{order_number(1)}").data
    assert [(line["title"], line["quantity"]) for line in told["lines"]] == [("皂", 2), ("盒", 1)]
    assert told["order"]["buyer"] == "林*"
    assert told["receiver"]["phone"] == "138******01"
    assert told["deadline"]["clause"] == "default"
    assert any(clause["applies"] for clause in told["deadline"]["asked"])


def test_a_list_is_walked_by_cursor(api: Caller, shop: Shop, now: datetime) -> None:
    for n in range(1, 8):
        make_order(shop.id, n, now=now)
    seen, cursor = [], ""
    while True:
        page = api.get(f"/orders?limit=3&cursor={cursor}").data
        seen += [each["number"] for each in page["rows"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert sorted(seen) == [order_number(n) for n in range(1, 8)]
    assert api.get("/orders?cursor=nonsense").code == "cursor_unknown"
    assert api.get("/orders?page=2").code == "query_shape"
    assert api.get("/orders?tab=elsewhere").status == 422


def test_one_order_is_noted_upon(api: Caller, shop: Shop, now: datetime) -> None:
    make_order(shop.id, 1, now=now)
    path = f"/orders/{order_number(1)}"
    assert api("PUT", f"{path}/memo", {"memo": "送小样"}).data == {"changed": True}
    assert api("PUT", f"{path}/memo", {"memo": "送小样"}).data == {"changed": False}
    assert api("PUT", f"{path}/flag", {"flag": 3}).data == {"changed": True}
    until = (now + timedelta(days=5)).isoformat()
    assert api.post("/orders/wait", {"orders": [order_number(1)], "until": until}).data == {"changed": 1}
    assert api.get(path).data["deadline"]["clause"] == "agreed"
    assert api.post(f"{path}/receiver").data["phone"]
    assert api.get(f"{path}/explanation").data["urge_reason"] == "within_deadline"
    assert api.get("/orders/404404404").code == "order_unknown"
    assert api.get("/orders/404404404").status == 404
