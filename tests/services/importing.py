"""Importing a file to its end, and whether a shop's orders hold together afterwards."""

from collections import Counter
from datetime import datetime

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.people import Actor
from fahuo.services import batches
from fahuo.store import journal
from fahuo.store.models import Backlog, Batch, BatchRow, Order, OrderTally
from tests.conftest import NOW
from tests.services import lists


def take_in(actor: Actor, body: bytes, *, now: datetime = NOW, name: str = "ExportOrderList.csv") -> Batch:
    """Import a file to its end; the batch."""
    batch_id = batches.open_import(actor, name=name, body=body, now=now)
    assert batches.work(actor.shop_id, batch_id, now=now)
    batch = Batch.objects.get(shop_id=actor.shop_id, id=batch_id)
    if batch.status == "checked":
        batches.commit(actor, batch_id, now=now)
        assert batches.work(actor.shop_id, batch_id, now=now)
        batch = Batch.objects.get(shop_id=actor.shop_id, id=batch_id)
    return batch


def verdicts(batch: Batch) -> dict[str, int]:
    return Counter(BatchRow.objects.filter(shop_id=batch.shop_id, batch_id=batch.id).values_list("verdict", flat=True))


def get(actor: Actor, n: int) -> Order:
    return Order.objects.get(shop_id=actor.shop_id, number=lists.number(n))


def acts(actor: Actor, n: int) -> list[str]:
    return [entry.act for entry in journal.history(actor.shop_id, get(actor, n).id)]


def holds_together(shop_id: int) -> None:
    """The tally says what counting says, and the backlog holds exactly the orders that wait, with their deadlines."""
    tally: Counter[str] = Counter()
    for status, delta in OrderTally.objects.filter(shop_id=shop_id).values_list("status", "delta"):
        tally[status] += delta
    assert +tally == Counter(Order.objects.filter(shop_id=shop_id).values_list("status", flat=True))
    waiting = Order.objects.filter(shop_id=shop_id, status__in=IN_BACKLOG).values_list("id", "deadline")
    assert dict(Backlog.objects.filter(shop_id=shop_id).values_list("order_id", "deadline")) == dict(waiting)
