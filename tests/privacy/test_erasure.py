"""Erasing: by rule stage by stage, on request at once or with the reason why not; and the limits of showing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fahuo.rules.people import Actor, BuyerActor
from fahuo.rules.problems import Refusal
from fahuo.rules.retention import STAGES
from fahuo.services import complaints, disclosures, erasure, exports, messages, orders, sealing_rounds, shop_warnings
from fahuo.store.boards.buyer import conversation
from fahuo.store.models import Erasure, JournalEntry, Order, Receiver, Upload
from tests.conftest import make_account
from tests.privacy.test_sealed import NAME, PHONE, WORDS, dump, secrets_in, sheet, take_in
from tests.receivers import receiver_of

DAY = timedelta(days=1)


@pytest.fixture
def world(owner: Actor, now: datetime) -> list[int]:
    """Two orders with a conversation over the first; their ids."""
    take_in(owner, sheet("3001900000000001", "3001900000000002"), now)
    ids = list(Order.objects.filter(shop_id=owner.shop_id).order_by("id").values_list("id", flat=True))
    messages.send(BuyerActor(owner.shop_id, "蓝花"), ids[0], body=WORDS, now=now)
    orders.set_memo(owner, ids[0], WORDS, now=now)
    return ids


def complete(shop_id: int, ids: list[int], now: datetime) -> None:
    Order.objects.filter(shop_id=shop_id, id__in=ids).update(status="completed", completed_at=now)


def codes(caught: Any) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def test_the_stages_are_dated_and_sourced() -> None:
    assert list(STAGES) == ["receiver", "talk", "trade"]
    for stage in STAGES.values():
        assert stage.days >= stage.least
        assert stage.basis in ("stated", "norm", "assumption")
        assert stage.source
    assert STAGES["trade"].least == 3 * 365


def test_an_order_is_forgotten_stage_by_stage(owner: Actor, world: list[int], now: datetime) -> None:
    complete(owner.shop_id, world[:1], now)
    assert erasure.run_due(owner.shop_id, now=now + 179 * DAY) == {"receiver": 0, "talk": 0, "trade": 0}
    assert erasure.run_due(owner.shop_id, now=now + 181 * DAY) == {"receiver": 1, "talk": 0, "trade": 0}
    assert receiver_of(owner.shop_id, world[0]) is None
    assert receiver_of(owner.shop_id, world[1]).name == NAME
    order = Order.objects.get(shop_id=owner.shop_id, id=world[0])
    assert (order.buyer_message, order.memo, order.receiver_key, order.buyer) == ("", "", "", "蓝花")
    assert conversation(owner.shop_id, world[0])[0].body == WORDS
    with pytest.raises(Refusal) as caught:
        orders.reveal_receiver(owner, world[0], now=now)
    assert codes(caught) == ["receiver_unknown"]
    assert erasure.run_due(owner.shop_id, now=now + 366 * DAY) == {"receiver": 0, "talk": 1, "trade": 0}
    assert conversation(owner.shop_id, world[0])[0].body == ""
    assert erasure.run_due(owner.shop_id, now=now + 1096 * DAY)["trade"] == 1
    assert Order.objects.get(shop_id=owner.shop_id, id=world[0]).buyer == ""
    assert [row.stage for row in erasure.records(owner)] == ["trade", "talk", "receiver"]
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.erased").count() == 3
    assert erasure.faults(owner.shop_id, now=now + 1096 * DAY) == []
    assert erasure.held(owner.shop_id) == {"": 1, "receiver": 0, "talk": 0, "trade": 1}


def test_an_old_sheet_brings_nothing_back(owner: Actor, world: list[int], now: datetime) -> None:
    complete(owner.shop_id, world[:1], now)
    erasure.run_due(owner.shop_id, now=now + 181 * DAY)
    take_in(owner, sheet("3001900000000001", phone="17055556666"), now + 182 * DAY)
    assert not Receiver.objects.filter(shop_id=owner.shop_id, order_id=world[0]).exists()
    assert Order.objects.get(shop_id=owner.shop_id, id=world[0]).buyer_message == ""
    assert erasure.faults(owner.shop_id, now=now + 182 * DAY) == []


def test_what_is_open_keeps_an_order(owner: Actor, world: list[int], now: datetime) -> None:
    buyer = BuyerActor(owner.shop_id, "蓝花")
    late = now + 10 * DAY
    complaints.open_by_buyer(buyer, world[0], kind="delay", now=late)
    complete(owner.shop_id, world[:1], late)
    assert erasure.run_due(owner.shop_id, now=now + 400 * DAY)["receiver"] == 0
    with pytest.raises(Refusal) as caught:
        erasure.erase(owner, world[0], reason="本人来电", now=late)
    assert codes(caught) == ["erasure_complaint"]
    assert erasure.faults(owner.shop_id, now=now + 400 * DAY) == []


def test_a_person_asks_and_everything_of_theirs_goes(owner: Actor, world: list[int], now: datetime) -> None:
    with pytest.raises(Refusal) as caught:
        erasure.erase(owner, world[0], reason="本人来电", now=now)
    assert codes(caught) == ["erasure_under_way"]
    with pytest.raises(Refusal) as caught:
        erasure.erase(owner, world[0], reason=" ", now=now)
    assert codes(caught) == ["erasure_reason"]
    complete(owner.shop_id, world, now)
    counts = erasure.erase(owner, world[0], reason="本人来电", now=now)
    assert (counts["receivers"], counts["messages"], counts["batches"]) == (1, 1, 1)
    assert not Upload.objects.filter(shop_id=owner.shop_id).exists()
    assert receiver_of(owner.shop_id, world[0]) is None
    refused, done = Erasure.objects.filter(shop_id=owner.shop_id).order_by("id")
    assert (refused.outcome, refused.reason, done.outcome, done.reason) == (
        "refused",
        "erasure_under_way",
        "done",
        "本人来电",
    )
    erasure.erase(owner, world[1], reason="本人来电", now=now)
    assert secrets_in(dump()) == []
    assert Receiver.objects.filter(shop_id=owner.shop_id).count() == 0


def test_only_who_manages_people_erases(
    owner: Actor, teammate: Actor, stranger: Actor, world: list[int], now: datetime
) -> None:
    complete(owner.shop_id, world, now)
    for actor, code in ((teammate, "not_permitted"), (stranger, "order_unknown")):
        with pytest.raises(Refusal) as caught:
            erasure.erase(actor, world[0], reason="x", now=now)
        assert codes(caught) == [code]


def test_an_account_is_shown_so_many_a_day(owner: Actor, world: list[int], now: datetime, settings: Any) -> None:
    settings.REVEALS_PER_DAY, settings.EXPORTS_PER_DAY = 5, 2
    for _ in range(5):
        orders.reveal_receiver(owner, world[0], now=now)
    with pytest.raises(Refusal) as caught:
        orders.reveal_receiver(owner, world[0], now=now)
    assert codes(caught) == ["disclosure_revealed"]
    assert "1000" not in caught.value.problems[0].sentence("zh")
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.revealed").count() == 5
    (near,) = JournalEntry.objects.filter(shop_id=owner.shop_id, act="receivers.many")
    assert near.after == {"kind": "revealed", "count": 4, "most": 5}
    assert [(each.kind, each.name, each.left) for each in shop_warnings.troubles(owner.shop_id, now=now)] == [
        ("many_receivers", "owner", 0)
    ]
    clerk = make_account(_shop(owner), "clerk", permissions=("export",)).actor
    orders.reveal_receiver(clerk, world[0], now=now)
    orders.reveal_receiver(owner, world[0], now=now + DAY)
    exports.export_orders(owner, world, now=now)
    with pytest.raises(Refusal) as caught:
        exports.export_orders(owner, world[:1], now=now)
    assert codes(caught) == ["disclosure_exported"]
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.exported").count() == 2
    shown = disclosures.of_shop(owner, since=now)
    assert {(row.name, row.kind, row.count) for row in shown} == {
        ("owner", "revealed", 5), ("owner", "revealed", 1), ("owner", "exported", 2), ("clerk", "revealed", 1),
    }  # fmt: skip


def _shop(owner: Actor) -> Any:
    from fahuo.store.models import Shop

    return Shop.objects.get(id=owner.shop_id)


def test_sealing_and_erasing_are_verified_together(owner: Actor, world: list[int], now: datetime) -> None:
    assert [one["faults"] for one in sealing_rounds.report(now=now)["shops"]] == [[]]
    Receiver.objects.filter(shop_id=owner.shop_id, order_id=world[0]).update(sealed=None, phone=PHONE)
    assert sealing_rounds.faults(owner.shop_id) == ["readable receivers 1"]
