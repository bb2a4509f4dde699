"""Any number of orders from a seed, as drafts; some twenty microseconds each."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Final, NamedTuple

from fahuo.rules.orders import LineDraft, OrderDraft, OrderStatus
from fahuo.rules.regions import split_address
from fahuo.samples import words

_FIRST: Final = 310_000_000_000_000
_STRIDE: Final = 1_009
_POSTAGE: Final = (Decimal("0.00"), Decimal("0.00"), Decimal("6.00"), Decimal("10.00"))
_NOTHING: Final = Decimal("0.00")
_HOUR: Final = 3600
_WAITED: Final = ((48 * _HOUR, 30 * _HOUR), (46 * _HOUR, 2 * _HOUR), (42 * _HOUR, 4 * _HOUR), (24 * _HOUR, 18 * _HOUR), (120, 24 * _HOUR - 120))  # fmt: skip
"""(at least so many seconds ago, and up to so many more): overdue, due in 2, 6 and 24 hours, not due before tomorrow."""
_WAITED_BY: Final = (0, 0, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4)
_SHARES: Final[tuple[tuple[OrderStatus, int], ...]] = (
    ("awaiting_shipment", 68), ("shipped", 12), ("completed", 9), ("closed", 7), ("awaiting_payment", 4),
)  # fmt: skip
_STATUSES: Final = tuple(status for status, share in _SHARES for _ in range(share))


class _Home(NamedTuple):
    """Where a receiver lives, as the address rules split it."""

    province: str
    city: str
    district: str
    postcode: str
    region: str


@cache
def _homes() -> tuple[_Home, ...]:
    found = []
    for province, city, district, postcode in words.PLACES:
        split = split_address(f"{province} {city} {district} 样例路1号")
        found.append(_Home(split.province, split.city, split.district, postcode, split.region))
    return tuple(found)


class _Person(NamedTuple):
    buyer: str
    tail: int
    name: str
    phone: str
    home: _Home
    street: str


def orders(count: int, seed: int, at: datetime, *, first: int = 0) -> Iterator[OrderDraft]:
    """`count` orders of one shop as they stand at `at` (aware), newest last; the same for the same (seed, at, first).

    Numbers have 19 digits and are unique over `first`: a second call with first=count goes on. Two thirds wait to be
    shipped: some overdue against a promise of 48 hours, some due within 2, 6 and 24 hours, most not before tomorrow.
    """
    random = Random(f"{seed}:{first}")
    person = _person(random.getrandbits(64))
    for n in range(first, first + count):
        bits = random.getrandbits(160)
        bits, again = divmod(bits, 12)
        if again:  # one in twelve is a further order of the receiver before
            bits, chosen = divmod(bits, 1 << 48)
            person = _person(chosen)
        yield _order(f"{_FIRST + n * _STRIDE + seed % _STRIDE}{person.tail:04}", bits, person, at)


def _person(bits: int) -> _Person:
    bits, surname = divmod(bits, len(words.SURNAMES))
    bits, given = divmod(bits, len(words.GIVEN))
    bits, home = divmod(bits, len(words.PLACES))
    bits, street = divmod(bits, len(words.STREETS))
    bits, house = divmod(bits, 900)
    bits, tail = divmod(bits, 10_000)
    bits, estate = divmod(bits, len(words.ESTATES))
    return _Person(
        f"{words.NICKS[(surname + given) % len(words.NICKS)]}{tail}", tail,
        words.SURNAMES[surname] + words.GIVEN[given], f"1540{house:03}{tail:04}", _homes()[home],
        f"{words.STREETS[street]}{house + 1}号{words.ESTATES[estate]}{tail % 20 + 1}幢{tail % 4 + 1}单元{house % 18 + 1}0{tail % 4 + 1}室",
    )  # fmt: skip


def _order(number: str, bits: int, person: _Person, at: datetime) -> OrderDraft:
    bits, rolled = divmod(bits, 100)
    bits, second = divmod(bits, 60)
    bits, delay = divmod(bits, 240)
    bits, odd = divmod(bits, 100)
    bits, said = divmod(bits, 40)
    status = _STATUSES[rolled]
    paid_at, bits = _paid_at(status, bits, at)
    lines, quantity, amount, bits = _lines(number, bits, virtual=odd < 3)
    bits, postage = divmod(bits, 4)
    home = person.home
    order = OrderDraft(
        number=number, status=status, buyer=person.buyer, receiver=person.name, phone=person.phone,
        province=home.province, city=home.city, district=home.district, region=home.region, address=person.street,
        postcode=home.postcode, item_amount=amount, postage=_POSTAGE[postage], paid_amount=amount + _POSTAGE[postage],
        quantity=quantity, title=",".join(line.title for line in lines), ordered_at=paid_at - timedelta(seconds=delay + 5),
        paid_at=paid_at, lines=lines, memo=words.MEMOS[said] if said < len(words.MEMOS) else "",
        buyer_message=words.MESSAGES[said - 10] if 10 <= said < 10 + len(words.MESSAGES) else "",
    )  # fmt: skip
    _colour(order, odd, second)
    _by_status(order, bits, at)
    return order


def _paid_at(status: OrderStatus, bits: int, at: datetime) -> tuple[datetime, int]:
    bits, seconds = divmod(bits, 1 << 24)
    if status in ("awaiting_shipment", "awaiting_payment"):
        bits, group = divmod(bits, len(_WAITED_BY))
        least, spread = _WAITED[_WAITED_BY[group]]
        return (at - timedelta(seconds=least + seconds % spread)).replace(microsecond=0), bits
    return (at - timedelta(seconds=3 * 86_400 + seconds % (60 * 86_400))).replace(microsecond=0), bits


def _lines(number: str, bits: int, *, virtual: bool) -> tuple[list[LineDraft], int, Decimal, int]:
    bits, more = divmod(bits, 6)
    lines: list[LineDraft] = []
    quantity, amount = 0, Decimal("0.00")
    for n in range(2 if more == 0 and not virtual else 1):
        bits, chosen = divmod(bits, len(words.GOODS))
        bits, several = divmod(bits, 8)
        good = words.VIRTUAL if virtual else words.GOODS[chosen]
        pieces = max(1, several - 4)
        cost = good.price * pieces
        line_number = number if more != 0 or virtual else f"{int(number[:-4]) + n + 1}{number[-4:]}"
        lines.append(
            LineDraft(
                order_number=number, number=line_number, title=good.title, sku=good.sku, sku_code=good.sku_code,
                item_code=good.item_code, quantity=pieces, price=good.price, amount=cost, refund_amount=_NOTHING,
            )
        )  # fmt: skip
        quantity += pieces
        amount += cost
    return lines, quantity, amount, bits


def _colour(order: OrderDraft, odd: int, second: int) -> None:
    """What a few orders in a hundred are: virtual, presale, a virtual phone, a masked receiver."""
    if odd < 3:
        order.kind = "virtual"
    elif odd < 6:
        order.kind = "presale_staged"
        order.staged = "阶段1:定金,已付款;阶段2:尾款,已付款"
    elif odd < 8:
        order.kind = "presale_full"
    elif odd < 38 and order.paid_at is not None:
        order.phone = f"1540009{order.phone[-4:]}"
        order.phone_extension = f"{second + 1000:04}"
        order.phone_expires_at = order.paid_at + timedelta(days=30)
    elif odd < 48:
        order.receiver = order.receiver[0] + "**"
        order.phone = f"{order.phone[:3]}****{order.phone[-4:]}"
        order.address = order.address[:3] + "***"


def _by_status(order: OrderDraft, bits: int, at: datetime) -> None:
    if order.status == "awaiting_payment":
        order.paid_at, order.paid_amount = None, Decimal("0.00")
    elif order.status in ("shipped", "completed"):
        bits, hours = divmod(bits, 40)
        bits, chosen = divmod(bits, len(words.CARRIERS))
        assert order.paid_at is not None
        order.shipped_at = order.paid_at + timedelta(hours=hours + 1)
        if order.kind != "virtual":
            order.carrier = words.CARRIERS[chosen][0]
            order.waybill = _waybill(order.carrier, int(order.number[5:15]))
        if order.status == "completed":
            order.completed_at = min(order.paid_at + timedelta(days=12), at)
    elif order.status == "closed":
        order.close_reason = words.CLOSED[bits % len(words.CLOSED)]
        if order.close_reason == "买家未付款":
            order.paid_at, order.paid_amount = None, Decimal("0.00")
        else:
            order.refund_status, order.refund_amount = "succeeded", order.paid_amount
            for line in order.lines:
                line.refund_status, line.refund_amount = "succeeded", line.amount
    elif bits % 25 == 0:
        order.refund_status = "requested"
        order.lines[0].refund_status = "requested"


def _waybill(carrier: str, serial: int) -> str:
    """A number of the carrier's shape; waybills.toml has the shapes."""
    if carrier == "ZTO":
        return f"75{serial:012}"
    return f"YT{serial:013}" if carrier == "YTO" else f"43{serial:013}"
