"""Electronic waybills over the gateway: numbers of the shop's stock, once an order, with what to print."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fahuo.rules.people import Actor
from fahuo.store.models import Label, Order
from tests.services.labelling import stocked
from tests.top.calling import Desk, draft, take_in, tid


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def desk(owner: Actor, now: datetime) -> Desk:
    same = {"buyer": "买家", "address": "文三路1号2栋301室"}
    take_in(owner, draft(1, now=now), draft(2, now=now, **same), draft(3, now=now, **same), now=now)
    stocked(owner, 3, carrier="ZTO")
    return Desk(owner, per_second=1000)


def asked(*groups: tuple[int, ...], code: str = "ZTO") -> str:
    return json.dumps({
        "cp_code": code, "sender": {"name": "x"},
        "trade_order_info_dtos": [
            {"object_id": str(place), "order_info": {"order_channels_type": "TB", "trade_order_list": [str(tid(n)) for n in group]},
             "template_url": "http://t.example/1", "user_id": 1}
            for place, group in enumerate(groups)
        ],
    })  # fmt: skip


def get(desk: Desk, *groups: tuple[int, ...]) -> list[dict[str, Any]]:
    body = desk.call("cainiao.waybill.ii.get", param_waybill_cloud_print_apply_new_request=asked(*groups))
    found: list[dict[str, Any]] = body["modules"]["waybill_cloud_print_response"]
    return found


def test_numbers_come_with_what_to_print_and_the_same_again(desk: Desk) -> None:
    first = get(desk, (1,), (2, 3))
    assert get(desk, (1,), (2, 3)) == first
    assert [row["object_id"] for row in first] == ["0", "1"]
    assert len({row["waybill_code"] for row in first}) == 2
    said = json.loads(first[0]["print_data"])
    assert said["templateURL"] == "http://t.example/1"
    data = said["data"]
    assert (data["waybillCode"], data["cpCode"], data["needEncrypt"]) == (first[0]["waybill_code"], "ZTO", False)
    assert (data["recipient"]["name"], data["recipient"]["mobile"]) == ("张三丰", "13812345678")
    assert data["recipient"]["address"] == {
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "detail": "文三路1号2栋301室",
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    assert said["signature"] == "MD:" + base64.b64encode(hashlib.md5(text).digest()).decode()
    assert Label.objects.count() == 2


def test_the_stock_is_told_and_runs_out(desk: Desk) -> None:
    get(desk, (1,))
    found = desk.call("cainiao.waybill.ii.search", cp_code="ZTO")
    col = found["waybill_apply_subscription_cols"]["waybill_apply_subscription_info"][0]
    branch = col["branch_account_cols"]["waybill_branch_account"][0]
    assert (branch["quantity"], branch["allocated_quantity"]) == (2, 1)
    get(desk, (2,), (3,))
    short = desk.error("cainiao.waybill.ii.get", param_waybill_cloud_print_apply_new_request=asked((9,)))
    assert short["sub_code"] == "isv.waybill-get-error:order_unknown"


def test_a_number_is_given_up_and_another_taken(desk: Desk) -> None:
    number = get(desk, (1,))[0]["waybill_code"]
    assert desk.call("cainiao.waybill.ii.cancel", cp_code="ZTO", waybill_code=number)["cancel_result"] is True
    gone = desk.error("cainiao.waybill.ii.cancel", cp_code="ZTO", waybill_code=number)
    assert gone["sub_code"] == "isv.waybill-cancel-error:label_unknown"
    again = get(desk, (1,))[0]["waybill_code"]
    request = json.dumps({"cp_code": "ZTO", "waybill_code": again})
    body = desk.call("cainiao.waybill.ii.update", param_waybill_cloud_print_update_request=request)
    assert json.loads(body["print_data"])["data"]["waybillCode"] == again


def test_what_is_wrong_with_a_request(desk: Desk) -> None:
    name = "param_waybill_cloud_print_apply_new_request"
    for given, code in (
        (asked(code="ZTO"), 41),
        (asked((1,), code="NOBODY"), 15),
        ("[]", 41),
        ("{", 41),
        (asked((1, 2)), 15),
        (asked((1,), code="YTO"), 15),
    ):
        assert desk.error("cainiao.waybill.ii.get", **{name: given})["code"] == code, given
    assert Label.objects.count() == 0


def test_online_shipping_without_a_number_takes_one(desk: Desk) -> None:
    sent = desk.call("taobao.logistics.online.send", tid=tid(1), company_code="ZTO")["shipping"]
    assert sent["is_success"] is True
    assert Order.objects.get(number=str(tid(1))).status == "shipped"
    label = Label.objects.get(waybill=sent["out_sid"])
    assert label.state == "shipped"
