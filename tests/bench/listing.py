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
from tests.bench.measure import Pair, in_turn
from tests.conftest import NOW

SIZES = (10_000, 1_000_000, 10_000_000)
WAITING = 40
"""In a thousand: the backlog grows with the shop, to 400,000 orders in the largest."""
GOAL = 1.3


@dataclass(frozen=True, slots=True)
class Size:
    """The page, and its statements alone, at one size of the shop; each in turn with a shop that stays the smallest."""

    orders: int
    page: Pair
    board: Pair

    def line(self) -> str:
        page, board = (1000 * statistics.median(pair.ours) for pair in (self.page, self.board))
        return (
            f"待发货 at {self.orders:>10,} orders: page {page:7.1f} ms (x{self.page.ratio:4.2f}), "
            f"its statements {board:6.2f} ms (x{self.board.ratio:4.2f})  goal {GOAL}  "
            f"{'met' if self.page.ratio <= GOAL else 'NOT MET'}"
        )


def _shop(code: str) -> tuple[Shop, Callable[[], object]]:
    """A shop, and its page as a signed-in seller gets it."""
    shop = Shop.objects.create(code=code, name="list", platform="taobao", created_at=NOW)
    user = User.objects.create_user(username=code)
    Member.objects.create(shop_id=shop.id, user_id=user.id, name="list", is_owner=True, created_at=NOW)
    client = Client()
    client.force_login(user)

    def page() -> None:
        answer = client.get(f"/s/{code}/orders/", headers={"accept-language": "zh-hans"})
        assert answer.status_code == 200
        assert not re.search(rb"buyer\d", answer.content), "buyers are masked"

    return shop, page


def _board(shop: Shop) -> Callable[[], object]:
    return lambda: boards.orders_page(shop.id, OrderFilter(), now=NOW)


def listing(sizes: tuple[int, ...], runs: int = 25) -> list[Size]:
    """Grow one shop from size to size beside one that stays at the first."""
    (small, small_page), (shop, page) = _shop("small"), _shop("list")
    volume.fill(small.id, 1, sizes[0], at=NOW, waiting=WAITING)
    found, filled = [], 0
    for size in sizes:
        with volume.without_indexes():
            volume.fill(shop.id, filled + 1, size, at=NOW, waiting=WAITING)
        filled = size
        found.append(
            Size(
                size, in_turn("page", page, small_page, runs=runs, goal=GOAL),
                in_turn("board", _board(shop), _board(small), runs=runs, goal=GOAL),
            )
        )  # fmt: skip
    return found
