"""The checker finds nothing in a day that the services made, and finds each fault that is put into it by hand."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from fahuo.rules.people import Actor
from fahuo.services import batches, labels, print_jobs, tasks
from fahuo.services.labels import Made
from fahuo.services.parcels import ship
from tests import walls
from tests.conftest import NOW
from tests.faults import checker
from tests.services.aftersales import LATE, late
from tests.services.labelling import stocked
from tests.services.presses import make_printer
from tests.services.shipping import line_ids, make_order, waybill

pytestmark = pytest.mark.django_db
Line = psycopg.Connection[Any]


@pytest.fixture
def line(owner: Actor) -> Line:
    """The database after a small day: orders that wait, are shipped, are shipped in part; labels with bought numbers, one
    of them printed; a task that nobody answered, with its complaint in the ledger; a batch."""
    shop = owner.shop_id
    waits, part, whole = (make_order(shop, n, now=NOW, quantities=(2,)) for n in (1, 2, 3))
    ship(owner, order_ids=[part], carrier="ZTO", waybill=waybill(2), lines={line_ids(shop, part)[0]: 1}, now=NOW)
    ship(owner, order_ids=[whole], carrier="ZTO", waybill=waybill(3), now=NOW)
    contract = stocked(owner)
    held = make_order(shop, 4, now=NOW)
    made = labels.make(owner, [waits, held], contract_id=contract.id, now=NOW)
    assert all(isinstance(each, Made) for each in made)
    label = made[0].label_id  # type: ignore[union-attr]
    print_jobs.make(owner, [label], printer_id=make_printer(shop).id, now=NOW)
    late(shop, 5)
    tasks.run_due(shop, now=LATE + timedelta(days=1))
    batches.open_shipments(owner, order_ids=[held], now=NOW)
    connection.ensure_connection()
    return walls.owners_line()


PLANTED = {
    "an order is shipped and in no parcel": "DELETE FROM parcel_orders WHERE whole",
    "an order waits and is in a parcel": "UPDATE orders SET status = 'awaiting_shipment' WHERE status = 'shipped'",
    "an order was shipped twice as a whole": """
        INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole)
        SELECT d.shop_id, d.order_id, p.id, true FROM parcel_orders d
        JOIN parcels p ON p.shop_id = d.shop_id AND p.id <> d.parcel_id WHERE d.whole LIMIT 1
    """,
    "more of a line was shipped than parcels hold, or less": "UPDATE order_lines SET shipped_quantity = 2",
    "the backlog and the orders differ": "DELETE FROM backlog",
    "the counts on the tabs are not the orders": "INSERT INTO order_tally (shop_id, status, delta)"
    " SELECT shop_id, status, 1 FROM orders LIMIT 1",
    "a parcel is not in the journal": "DELETE FROM journal WHERE act = 'parcel.shipped'",
    "the journal tells of a parcel that is not there": "UPDATE journal SET parcel_id = -1 WHERE act = 'parcel.shipped'",
    "the journal tells the same shipment twice": """
        INSERT INTO journal (shop_id, at, actor, act, order_id, parcel_id)
        SELECT shop_id, at, actor, act, order_id, parcel_id FROM journal WHERE act = 'parcel.shipped' LIMIT 1
    """,
    "a voided parcel is not in the journal as such": "UPDATE parcels SET voided_at = shipped_at",
    "a number is on two living parcels": """
        DROP INDEX parcels_living_number; UPDATE parcels SET waybill = '75000000000002'
    """,
    "a number is on two living labels": "DROP INDEX labels_living_number; UPDATE labels SET waybill = '1'",
    "an order has two living labels": """
        DROP INDEX label_orders_living;
        INSERT INTO label_orders (shop_id, order_id, label_id) SELECT h.shop_id, h.order_id, l.id FROM label_orders h
        JOIN labels l ON l.shop_id = h.shop_id AND l.id <> h.label_id LIMIT 1
    """,
    "a bought number is held by a label that does not hold it": "UPDATE labels SET voided_at = made_at",
    "a living label's bought number is free": "UPDATE waybill_numbers SET state = 'free' WHERE state = 'taken'",
    "a bought number is shipped and no parcel has it": "UPDATE waybill_numbers SET state = 'shipped' WHERE state = 'free'",
    "a living parcel's bought number is not shipped": """
        UPDATE parcels SET waybill = (SELECT number FROM waybill_numbers WHERE state = 'free' LIMIT 1)
        WHERE waybill = '75000000000003'
    """,
    "a lot has not as many numbers as were bought": "DELETE FROM waybill_numbers WHERE state = 'free'",
    "the stock's ledger does not add up to the numbers": "DELETE FROM stock_moves WHERE act = 'take'",
    "the stock's counts are not the numbers": "UPDATE stock_tally SET delta = delta + 1",
    "a task is not where its last event brought it": "UPDATE tasks SET state = 'completed'",
    "an event does not begin where the one before it ended": """
        UPDATE task_events SET from_state = 'completed' WHERE from_state <> ''
    """,
    "a timer fired twice": """
        INSERT INTO task_events (shop_id, task_id, order_id, at, actor, from_state, event, to_state, clause, rulebook)
        SELECT shop_id, task_id, order_id, at, actor, from_state, event, to_state, '', '' FROM task_events
        WHERE actor = 'clock'
    """,
    "an order has two open tasks of one kind": """
        DROP INDEX tasks_one_open;
        INSERT INTO tasks (shop_id, order_id, kind, state, created_at, state_since, plan, plan_reason, urge_count, rulebook,
                           set_aside_why)
        SELECT shop_id, order_id, kind, state, created_at, state_since, '', '', 1, rulebook, '' FROM tasks
    """,
    "a task is with the platform and nobody complained": "DELETE FROM ledger; DELETE FROM complaints",
    "a complaint that was upheld or settled is not in the ledger, or not as it was priced": """
        UPDATE complaints SET compensation = 13.40
    """,
    "the ledger has an entry without its complaint": """
        INSERT INTO ledger (shop_id, order_id, complaint_id, buyer, paid_day, kind, amount, points, at, why, rulebook)
        SELECT shop_id, order_id, id, 'b1', '2022-08-10', kind, 0, 0, opened_at, '', rulebook FROM complaints
    """,
    "a batch counts other rows than it has": """
        UPDATE batches SET status = 'committed', row_count = row_count + 1
    """,
    "a print job counts other documents than it has": "UPDATE print_jobs SET count = count + 1",
    "a job is done and a document of it waits": "UPDATE print_jobs SET status = 'done'",
    "an event is in the outbox of a webhook twice": """
        ALTER TABLE webhook_deliveries DROP CONSTRAINT webhook_deliveries_once, DROP CONSTRAINT webhook_deliveries_webhook_fk;
        INSERT INTO webhook_deliveries (shop_id, webhook_id, entry_id, of_task, kind, created_at, why)
        SELECT s.id, 1, 1, false, 'order.shipped', now(), '' FROM shops s, generate_series(1, 2)
    """,
    "a timer was skipped": "UPDATE tasks SET due_at = '2000-01-01'",
    "a reminder was skipped": "UPDATE tasks SET next_reminder_at = '2000-01-01'",
    "a batch waits and nobody works on it": "UPDATE batches SET status = 'committing'",
    "a message waits in the outbox": """
        ALTER TABLE webhook_deliveries DROP CONSTRAINT webhook_deliveries_webhook_fk;
        INSERT INTO webhook_deliveries (shop_id, webhook_id, entry_id, of_task, kind, created_at, due_at, why)
        SELECT id, 1, 1, false, 'order.shipped', '2000-01-01', '2000-01-01', '' FROM shops
    """,
    "a shipment never came to the outbox of a webhook": """
        INSERT INTO webhooks (shop_id, id, name, address, kinds, with_receiver, secret_no, cursor, active, off_why, failures,
                              created_at, created_by_name)
        SELECT id, 1, '', '', '{}', false, 1, 0, true, '', 0, now(), '' FROM shops;
        INSERT INTO journal (shop_id, id, at, actor, act, after)
        SELECT id, 1, now(), '', 'webhooks.added', '{"webhook": 1}' FROM shops
    """,
    "a print job waits": "UPDATE print_jobs SET due_at = '2000-01-01'",
}
"""What is wrong -> how it is brought about. No service can; where the tables forbid it, the guard is taken away first."""


def test_a_day_holds_together_and_every_planted_fault_is_found(line: Line) -> None:
    at_rest = LATE - timedelta(days=400)  # before anything is due here
    assert checker.check(line, at_rest=at_rest) == []
    missed = []
    for what, statement in PLANTED.items():
        with line.transaction(force_rollback=True):
            line.execute("SET CONSTRAINTS ALL DEFERRED")
            for each in statement.split(";"):
                line.execute(each)
            found = [fault.what for fault in checker.check(line, at_rest=at_rest)]
            if what not in found:
                missed.append((what, found))
    assert missed == []


def test_no_check_is_left_without_a_fault_that_it_finds() -> None:
    assert set(PLANTED) == set(checker.ALWAYS) | set(checker.AT_REST)
