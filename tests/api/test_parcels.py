"""Shipping by the API: one, many, again, and what stands in the way."""

from datetime import datetime

from fahuo.store.models import Batch, Order, Parcel, Shop
from tests.api.conftest import Caller
from tests.services.shipping import make_order, order_number, waybill


def test_one_parcel_is_shipped_once(api: Caller, shop: Shop, now: datetime) -> None:
    make_order(shop.id, 1, now=now)
    make_order(shop.id, 2, now=now, buyer="另一位")
    sent = {"orders": [order_number(1)], "carrier": "中通", "waybill": waybill(1)}
    first = api.post("/parcels", sent)
    assert first.status == 201
    assert api.post("/parcels", sent).data == first.data
    taken = api.post("/parcels", {**sent, "orders": [order_number(2)]})
    assert (taken.status, taken.code) == (409, "waybill_in_use")
    other = api.post("/parcels", {**sent, "waybill": waybill(9)})
    assert (other.status, other.code) == (409, "already_shipped_as")
    unknown = api.post("/parcels", {**sent, "orders": ["404404404"]})
    assert (unknown.status, unknown.code) == (422, "order_unknown")
    parcel = first.data["parcel_id"]
    moved = api("PUT", f"/parcels/{parcel}", {"carrier": "ZTO", "waybill": waybill(5)})
    assert moved.data == {"parcel_id": parcel, "warnings": []}
    assert api.post(f"/parcels/{parcel}/void").status == 200
    assert Order.objects.get(shop_id=shop.id, number=order_number(1)).status == "awaiting_shipment"
    again = api.post("/parcels", {**sent, "waybill": waybill(5)})
    assert again.data["warnings"][0]["code"] == "waybill_used_before"
    assert api.post("/parcels/987654321/void").status == 404


def test_many_are_shipped_row_by_row_in_the_order_they_were_sent(api: Caller, shop: Shop, now: datetime) -> None:
    for n in range(1, 5):
        make_order(shop.id, n, now=now, buyer=f"b{n}")
    rows = [
        {"order": order_number(3), "waybill": waybill(3)}, {"order": "404404404", "waybill": waybill(8)},
        {"order": order_number(1), "waybill": waybill(1), "carrier": "ZTO"}, {"order": "", "waybill": ""},
        {"order": order_number(2), "waybill": waybill(3)},
    ]  # fmt: skip
    answer = api.post("/parcels/bulk", {"rows": rows, "carrier": "中通"})
    told = answer.data["rows"]
    assert [row["verdict"] for row in told] == ["done", "bad", "done", "bad", "bad"]
    assert [row["order"] for row in told][:3] == [row["order"] for row in rows[:3]]
    assert told[1]["problems"][0]["code"] == "order_unknown"
    assert told[4]["problems"][0] | {"sentence": ""} == {
        "field": "waybill",
        "code": "waybill_twice",
        "data": {"value": waybill(3), "row": 1},
        "sentence": "",
    }
    assert Parcel.objects.filter(shop_id=shop.id).count() == 2
    batch = Batch.objects.get(shop_id=shop.id, id=answer.data["batch_id"])
    assert (batch.status, batch.row_count, batch.done_count) == ("committed", 5, 2)
    again = api.post("/parcels/bulk", {"rows": rows, "carrier": "中通"})
    assert [row["verdict"] for row in again.data["rows"]] == ["same", "bad", "same", "bad", "bad"]


def test_scans_come_in(api: Caller, shop: Shop, now: datetime) -> None:
    make_order(shop.id, 1, now=now)
    api.post("/parcels", {"orders": [order_number(1)], "carrier": "ZTO", "waybill": waybill(1)})
    scan = {"carrier": "中通", "waybill": waybill(1), "kind": "picked_up", "at": now.isoformat()}
    assert api.post("/scans", {"rows": [scan, {**scan, "waybill": waybill(2)}]}).data == {"changed": 1}
    assert api.post("/scans", {"rows": [scan]}).data == {"changed": 0}
