"""The 待发货 page at ten thousand, one million and ten million orders of one shop."""

import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from django.test import Client

from fahuo.rules.filters import OrderFilter
from fahuo.store import boards
from fahuo.store.models import Member, Shop, User
from tests import volume
from tests.bench.measure import seconds
from tests.conftest import NOW

SIZES = (10_000, 1_000_000, 10_000_000)
WAITING = 40
"""In a thousand: the backlog grows with the shop, to 400,000 orders in the largest."""


@dataclass(frozen=True, slots=True)
class Size:
    """Milliseconds, medians, at one size of the shop."""

    orders: int
    page: float
    board: float

    def line(self, first: "Size") -> str:
        return (
            f"待发货 at {self.orders:>10,} orders: page {self.page:7.1f} ms (x{self.page / first.page:4.2f}), "
            f"its statements {self.board:6.2f} ms (x{self.board / first.board:4.2f})"
        )


def _median(act: Callable[[], object], runs: int) -> float:
    for _ in range(3):
        act()
    return 1000 * statistics.median(seconds(act) for _ in range(runs))


def listing(sizes: tuple[int, ...], runs: int = 25) -> list[Size]:
    """Grow one shop from size to size; at each, the page as a signed-in seller gets it, and its statements alone."""
    shop = Shop.objects.create(code="list", name="list", platform="taobao", created_at=NOW)
    user = User.objects.create_user(username="list")
    Member.objects.create(shop_id=shop.id, user_id=user.id, name="list", is_owner=True, created_at=NOW)
    client = Client()
    client.force_login(user)
    found, filled = [], 0

    def page() -> None:
        answer = client.get(f"/s/{shop.code}/orders/", headers={"accept-language": "zh-hans"})
        assert answer.status_code == 200
        assert not re.search(rb"buyer\d", answer.content), "buyers are masked"

    for size in sizes:
        with volume.without_indexes():
            volume.fill(shop.id, filled + 1, size, at=NOW, waiting=WAITING)
        filled = size
        board = _median(lambda: boards.orders_page(shop.id, OrderFilter(), now=NOW), runs)
        found.append(Size(size, _median(page, runs), board))
    return found
