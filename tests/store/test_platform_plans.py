"""The platform's desk finds its page by index, however many shops and closed complaints there are."""

import json
from typing import Any

import pytest
from django.db import connection

from fahuo.store.boards import platform
from fahuo.store.models import Shop
from tests.conftest import NOW
from tests.store.test_boards_plans import nodes
from tests.volume import fill

CASES = """
INSERT INTO complaints (shop_id, order_id, kind, opened_by, status, opened_at, closed_at, compensation, points, rulebook)
SELECT o.shop_id, o.id, 'delay', 'buyer', CASE WHEN n = 1 AND o.id %% 40 = 0 THEN 'open' ELSE 'upheld' END,
       %(at)s - o.id * interval '1 minute',
       CASE WHEN NOT (n = 1 AND o.id %% 40 = 0) THEN %(at)s - o.id * interval '50 seconds' END, 5, 3, 'x'
FROM orders o, generate_series(1, 4) AS n WHERE o.shop_id = ANY(%(shops)s)
"""
TASKS = """
INSERT INTO tasks (shop_id, order_id, kind, state, created_at, state_since, plan, plan_reason, urge_count, rulebook, set_aside_why)
SELECT o.shop_id, o.id, 'urge_shipment', CASE WHEN o.id %% 20 = 0 THEN 'platform_intervention' ELSE 'completed' END,
       %(at)s, %(at)s - o.id * interval '1 minute', '', '', 1, 'x', ''
FROM orders o WHERE o.shop_id = ANY(%(shops)s)
"""


def explained(statement: str) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {
        "shop": "", "platform": "", "kind": "", "outcome": "", "from_start": True, "at": None, "amount": 0, "id": 0, "limit": 21,
    }  # fmt: skip
    with connection.cursor() as db:
        db.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", asked)
        found = db.fetchone()[0]
    tree = json.loads(found) if isinstance(found, str) else found
    return list(nodes(tree[0]["Plan"]))


@pytest.mark.django_db
def test_the_desk_walks_its_indexes(shop: Shop, other_shop: Shop) -> None:
    for each in (shop, other_shop):
        fill(each.id, 1, 3000, at=NOW)
        with connection.cursor() as db:
            db.execute("DROP TABLE drawn")  # a test is one transaction, at whose end it would have gone
    with connection.cursor() as db:
        for statement in (CASES, TASKS):
            db.execute(statement, {"at": NOW, "shops": [shop.id, other_shop.id]})
        db.execute("ANALYZE shops, orders, complaints, tasks, evidence, task_events")
    for tab, index in (("open", "complaints_desk"), ("taken", "tasks_desk"), ("over", "complaints_over")):
        for forward in (True, False):
            found = explained(platform.WALKS[tab, "oldest"].sql(forward))
            assert index in {node.get("Index Name") for node in found}, tab
            assert max(node["Actual Rows"] for node in found) < 100, "no more than the page, whatever there is"
    assert len(platform.desk_page("open", limit=20).rows) == 20
