"""Personal data at rest: sealed, bound to its place, found by marks; older rows and older keys are walked over."""

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from fahuo.connectors.sheet.writer import write_csv
from fahuo.rules import phones
from fahuo.rules.people import Actor, BuyerActor
from fahuo.rules.problems import Refusal
from fahuo.services import batches, evidence, exports, label_pages, labels, messages, sealing, sealing_rounds
from fahuo.store import batches as upload_store
from fahuo.store import boards, label_data, sealed
from fahuo.store import evidence as evidence_store
from fahuo.store.boards import detail, find
from fahuo.store.boards.buyer import conversation
from fahuo.store.models import Label, Order, User
from tests import walls
from tests.conftest import Account
from tests.privacy import doors
from tests.receivers import receiver_of
from tests.services.labelling import stocked
from tests.services.shipping import make_order

NEW, OLD = "a-new-key-that-is-long-enough-9876543", "an-old-key-that-is-long-enough-1234567"
NAME, PHONE, PLACE, WORDS = "司马琬琰", "17098761234", "云上路77号9栋8单元701室", "请放在琬琰家门口的蓝桶里"
HEADER = (
    "订单编号",
    "订单状态",
    "买家会员名",
    "收货人姓名",
    "联系手机",
    "收货地址",
    "宝贝标题",
    "买家留言",
    "订单付款时间",
)
PAID = "买家已付款，等待卖家发货"


def sheet(*numbers: str, phone: str = PHONE, paid: str = "2026-03-01 10:00:00") -> bytes:
    rows = [[number, PAID, "蓝花", NAME, phone, f"浙江省 杭州市 西湖区 {PLACE}", "杯", WORDS, paid]
            for number in numbers]  # fmt: skip
    return write_csv(HEADER, rows)


def take_in(owner: Actor, body: bytes, now: datetime) -> int:
    batch_id = batches.open_import(owner, name="名单.csv", body=body, now=now)
    batches.work(owner.shop_id, batch_id, now=now)
    batches.commit(owner, batch_id, now=now)
    batches.work(owner.shop_id, batch_id, now=now)
    return batch_id


def dump() -> str:
    """Every row of every table, as text, bytes as they read: what a stolen database shows."""
    connection.ensure_connection()
    with walls.owners_line().cursor() as db:
        found = db.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        ).fetchall()
        parts = []
        for table, column in found:
            for (value,) in db.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL').fetchall():
                parts.append(
                    bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
                )
    return "\n".join(parts)


def secrets_in(text: str) -> list[str]:
    return [word for word in (NAME, PHONE, PHONE[-8:], PLACE, "云上路77号", WORDS, "蓝桶") if word in text]


def test_numbers_are_one_however_they_are_written() -> None:
    for text in (
        "13812345678",
        "+86 138-1234-5678",
        "１３８12345678",
        "13812345678-1234",
        "86 13812345678",
        "138 1234 5678 转 9",
    ):
        assert phones.normal(text) == "13812345678", text
    assert phones.normal("0571-88990011") == "057188990011"
    assert phones.ending("0571-88990011 转 22") == "0011"
    assert phones.ending("138") == ""


def test_what_is_sealed_opens_only_in_its_place_and_with_its_key(settings: Any) -> None:
    settings.SEALING_KEY = OLD
    kept = sealed.seal(1, "receiver:7", b"x")
    assert sealed.opened(1, "receiver:7", kept) == b"x" != kept
    for shop, place in ((2, "receiver:7"), (1, "receiver:8")):
        with pytest.raises(Refusal):
            sealed.opened(shop, place, kept)
    settings.SEALING_KEY = f"{NEW},{OLD}"
    assert sealed.opened(1, "receiver:7", kept) == b"x"
    settings.SEALING_KEY = NEW
    with pytest.raises(Refusal) as refused:
        sealed.opened(1, "receiver:7", kept)
    assert refused.value.problems[0].code == "sealing_key"
    assert sealed.open_text(1, "x", "sealed:不是密文") == "sealed:不是密文"


def test_marks_differ_by_shop_and_need_the_key(settings: Any) -> None:
    one = sealed.phone_mark(1, PHONE)
    assert one == sealed.phone_mark(1, f"+86 {PHONE}") != sealed.phone_mark(2, PHONE)
    assert sealed.ending_mark(1, "13900001234") == sealed.ending_mark(1, PHONE) != one
    settings.SEARCH_KEY = "another-key-that-is-long-enough-12345"
    assert sealed.phone_mark(1, PHONE) != one


def test_nothing_of_an_import_stands_readable_and_all_of_it_is_found(owner: Actor, now: datetime) -> None:
    take_in(owner, sheet("3001900000000001", "3001900000000002"), now)
    mine = Order.objects.filter(shop_id=owner.shop_id).order_by("id")
    order_id = mine[0].id
    assert secrets_in(dump()) == []
    receiver = receiver_of(owner.shop_id, order_id)
    assert (receiver.name, receiver.phone) == (NAME, PHONE)
    assert receiver.address == PLACE
    for text in (PHONE, f"+86{PHONE}", PHONE[-4:], NAME):
        assert len(find.find_orders(owner.shop_id, text)) == 2, text
    assert mine[0].receiver_key == mine[1].receiver_key != ""
    assert find.neighbours(owner.shop_id, order_id) == [mine[1].id]
    found = boards.order_detail(owner.shop_id, order_id, now=now)
    assert found is not None
    assert (found.receiver.name, found.receiver.phone, found.order.buyer_message) == ("司***", "170******34", WORDS)


def test_the_same_sheet_again_changes_nothing_and_a_new_number_only_that(owner: Actor, now: datetime) -> None:
    take_in(owner, sheet("3001900000000001"), now)
    again = take_in(owner, sheet("3001900000000001"), now)
    assert [row.verdict for row in boards.batch_rows(owner.shop_id, again).rows] == ["same"]
    take_in(owner, sheet("3001900000000001", phone="17055556666"), now)
    order = Order.objects.get(shop_id=owner.shop_id)
    assert receiver_of(owner.shop_id, order.id).phone == "17055556666"
    assert find.find_orders(owner.shop_id, "6666") == [order.id]
    assert find.find_orders(owner.shop_id, PHONE) == []


def test_a_bad_row_comes_back_whole_and_stands_sealed(owner: Actor, now: datetime) -> None:
    batch_id = take_in(owner, sheet("3001900000000003", paid=PHONE), now)
    (row,) = boards.batch_rows(owner.shop_id, batch_id).rows
    assert row.verdict == "bad"
    assert row.data["cells"][3] == NAME
    assert row.problems[0]["value"] == PHONE
    assert secrets_in(dump()) == []
    assert b"xl/" in batches.problems_sheet(owner, batch_id)[1]


# --- rows of earlier versions, and a new key ---

LEGACY = (
    "UPDATE receivers SET sealed = NULL, name_mark = NULL, phone_mark = NULL, phone_ending = NULL, name = %(name)s, phone = %(phone)s, address = %(place)s",
    "UPDATE orders SET buyer_message = %(words)s, draft_hash = 'abcdef12', receiver_key = '0123456789abcdef01234567'",
    "UPDATE order_lines SET remark = %(words)s",
    "UPDATE messages SET body = %(words)s",
    "UPDATE evidence SET body = %(words)s",
    "UPDATE uploads SET body = convert_to(%(phone)s, 'UTF8')",
    "UPDATE batch_rows SET data = jsonb_build_object('cells', jsonb_build_array(%(name)s::text)),"
    " problems = jsonb_build_array(jsonb_build_object('column', '', 'value', %(phone)s::text, 'code', 'x'))",
)


def as_before(shop_id: int) -> None:
    """What a shop's tables hold, as a version before this one left it."""
    connection.ensure_connection()
    for statement in LEGACY:
        walls.owners_line().execute(statement, {"name": NAME, "phone": PHONE, "place": PLACE, "words": WORDS})


@pytest.fixture
def world(owner: Actor, now: datetime) -> list[int]:
    """Two orders of one receiver with whatever else holds words of persons; their ids."""
    take_in(owner, sheet("3001900000000001", "3001900000000002"), now)
    ids = list(Order.objects.filter(shop_id=owner.shop_id).order_by("id").values_list("id", flat=True))
    messages.send(BuyerActor(owner.shop_id, "蓝花"), ids[0], body=WORDS, now=now)
    upload = upload_store.add_upload(owner.shop_id, name="a.txt", body=WORDS.encode(), now=now)
    evidence_store.add(
        owner.shop_id, order_id=ids[0], complaint_id=None, report_id=None, party="buyer", member_id=None, name="", body=WORDS,
        upload_id=upload, now=now,
    )  # fmt: skip
    return ids


def walk(owner: Actor, now: datetime) -> bool:
    return sealing_rounds.run(owner.shop_id, moment=lambda: now)


def test_rows_of_earlier_versions_are_sealed_step_by_step(owner: Actor, world: list[int], now: datetime) -> None:
    assert secrets_in(dump()) == []
    as_before(owner.shop_id)
    assert len(secrets_in(dump())) == 7
    assert receiver_of(owner.shop_id, world[0]).name == NAME
    assert conversation(owner.shop_id, world[0])[0].body == WORDS
    assert {fault.split()[0] for fault in sealing_rounds.faults(owner.shop_id)} == {"readable"}
    count, more = sealing_rounds.step(owner.shop_id, "receivers", now=now, limit=1)
    assert (count, more) == (1, True)
    assert walk(owner, now)
    assert secrets_in(dump()) == []
    assert sealing_rounds.faults(owner.shop_id) == []
    receiver = receiver_of(owner.shop_id, world[0])
    assert (receiver.name, receiver.phone, receiver.address) == (NAME, PHONE, PLACE)
    assert find.find_orders(owner.shop_id, PHONE[-4:]) == world[::-1]
    assert find.neighbours(owner.shop_id, world[0]) == [world[1]]
    assert conversation(owner.shop_id, world[0])[0].body == WORDS
    assert evidence.of_order(owner.shop_id, world[0])[0].body == WORDS
    assert walk(owner, now)
    assert sealing_rounds.run_due(moment=lambda: now)
    assert [one["open"] for one in sealing_rounds.progress()] == [[]]


def test_a_new_key_takes_over_and_the_old_one_can_go(
    owner: Actor, world: list[int], now: datetime, settings: Any
) -> None:
    old = settings.SEALING_KEY
    settings.SEALING_KEY = f"{NEW},{old}"
    assert receiver_of(owner.shop_id, world[0]).phone == PHONE
    settings.SEALING_KEY = NEW
    assert any(fault.startswith("unknown receivers") for fault in sealing_rounds.faults(owner.shop_id))
    settings.SEALING_KEY = f"{NEW},{old}"
    assert walk(owner, now)
    settings.SEALING_KEY = NEW
    assert sealing_rounds.faults(owner.shop_id) == []
    assert receiver_of(owner.shop_id, world[0]).phone == PHONE
    assert find.find_orders(owner.shop_id, PHONE) == world[::-1]
    assert conversation(owner.shop_id, world[0])[0].body == WORDS
    file = evidence.of_order(owner.shop_id, world[0])[0]
    assert evidence.file_of(owner.shop_id, file.id, order_id=world[0]) == ("a.txt", WORDS.encode())


def test_second_factors_go_over_to_the_new_key(owner_account: Account, now: datetime, settings: Any) -> None:
    old = settings.SEALING_KEY
    User.objects.filter(id=owner_account.user.id).update(totp=sealing.seal("SECRET"))
    settings.SEALING_KEY = NEW
    assert sealing_rounds.report(now=now)["shops"][-1]["faults"] == ["unknown users.totp 1"]
    settings.SEALING_KEY = f"{NEW},{old}"
    assert (sealing_rounds.renew_people(), sealing_rounds.renew_people()) == (1, 0)
    settings.SEALING_KEY = NEW
    assert sealing.opened(User.objects.get(id=owner_account.user.id).totp) == "SECRET"
    assert sealing_rounds.people_faults() == []


def test_another_search_key_is_told(owner: Actor, world: list[int], settings: Any) -> None:
    settings.SEARCH_KEY = "another-key-that-is-long-enough-12345"
    assert sealing_rounds.faults(owner.shop_id) == ["search-key"]


def test_labels_follow_the_keys_of_their_orders(owner: Actor, now: datetime) -> None:
    stocked(owner, 5)
    ids = [make_order(owner.shop_id, n, now=now, receiver_key="0123456789abcdef01234567") for n in (1, 2)]
    (made, _) = labels.make(owner, ids, now=now)
    assert isinstance(made, labels.Made)
    assert sealing_rounds.step(owner.shop_id, "orders.receiver_key", now=now, limit=1) == (1, True)
    keys = {Order.objects.get(shop_id=owner.shop_id, id=each).receiver_key for each in ids}
    assert keys == {Label.objects.get(shop_id=owner.shop_id, id=made.label_id).receiver_key}
    assert keys.pop().startswith("k")


# --- masked by default ---


def test_a_field_that_is_shown_without_masking_is_found(
    owner_account: Account, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the walks over all pages and operations hold answers to (tests/privacy/doors.py) would tell of a forgotten mask."""
    client, owner = Client(), owner_account.actor
    client.force_login(owner_account.user)
    order_id = make_order(owner.shop_id, 1, now=now)
    page = reverse("order", kwargs={"shop": "lan", "order_id": order_id})
    assert doors.leaks(client.get(page).content) == []
    monkeypatch.setattr(detail.masking, "mask_phone", lambda phone: phone)
    monkeypatch.setattr(detail.masking, "mask_address", lambda address: address)
    assert doors.leaks(client.get(page).content) == [doors.PHONE, doors.PLACE]
    workbook = exports.export_orders(owner, [order_id], now=now)[1]
    assert doors.leaks(workbook) == doors.leaks(b'{"content":"%b"}' % base64.b64encode(workbook)) == [
        doors.NAME, doors.PHONE, doors.PLACE,
    ]  # fmt: skip
    assert doors.leaks(json.dumps({"name": doors.NAME}).encode()) == [doors.NAME]


def test_labels_and_events_are_masked_by_default(owner: Actor, now: datetime) -> None:
    stocked(owner, 5)
    order_id = make_order(owner.shop_id, 1, now=now)
    (made,) = labels.make(owner, [order_id], now=now)
    assert isinstance(made, labels.Made)
    book = label_pages.Book(owner.shop_id)
    (row,) = label_data.on_labels(owner.shop_id, [made.label_id])
    assert doors.leaks(repr(row).encode()) == [doors.NAME, doors.PHONE, doors.PLACE]
    assert doors.leaks(repr(book.data(row, now=now)).encode()) == []
    with connection.cursor() as db:
        db.execute("SELECT j.act, j.before, j.after FROM journal j WHERE j.shop_id = %s", [owner.shop_id])
        assert doors.leaks(repr(db.fetchall()).encode()) == []
