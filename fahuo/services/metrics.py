"""人工平均响应时长: how long buyers wait for an account's answer, over the thirty days before a day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from fahuo.rules import response as rules
from fahuo.rules.response import Message, Turn
from fahuo.services.shopbook import ShopBook
from fahuo.store import messages


def turns(shop_id: int, *, day: date) -> list[Turn]:
    """Every turn of the shop over the thirty days before `day` (a calendar day of the shop)."""
    book = ShopBook.of(shop_id)
    first, last = rules.window(day)
    start = datetime.combine(first, time(), book.zone)
    end = datetime.combine(last + timedelta(days=1), time(), book.zone)
    return rules.turns(_read(shop_id, start, end), zone=book.shop.time_zone)


def _read(shop_id: int, start: datetime, end: datetime) -> Iterator[Message]:
    for row in messages.between(shop_id, start, end):
        yield Message(row.order_id, row.at, row.sender, row.kind, row.member_id)


def response(shop_id: int, member: int, *, day: date) -> Decimal | None:
    """The average of an account in seconds, as it stands on `day`; None when it had no turn."""
    return rules.average(turns(shop_id, day=day), member, today=day)
