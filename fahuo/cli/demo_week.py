"""The demo's last weeks, played through the services in the order in which they happened, the clock with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

from fahuo.rules.orders import OrderDraft
from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor, BuyerActor, PlatformActor
from fahuo.samples import week
from fahuo.samples.week import Act, Everyday, Story
from fahuo.services import complaints, evidence, messages, parcels, placing, receipts, refunds, reminders, tasks
from fahuo.store import timers
from fahuo.store.boards.notices import unseen

ZONE: Final = ZoneInfo("Asia/Shanghai")
Step = Callable[[datetime], Any]
Happening = tuple[datetime, int, Step]


@dataclass(slots=True)
class Cast:
    """Who acts in the demo: the main accounts by shop, and in the first shop the two sub-accounts."""

    owners: Mapping[str, Actor]
    warehouse: Actor
    service: Actor
    platform: PlatformActor
    numbers: Any = field(default_factory=lambda: count(501))

    def ships(self, shop: str) -> Actor:
        return self.warehouse if shop == "lancao" else self.owners[shop]

    def serves(self, shop: str) -> Actor:
        return self.service if shop == "lancao" else self.owners[shop]

    def waybill(self) -> str:
        return f"7531{next(self.numbers):010d}"


def play(cast: Cast, *, at: datetime) -> None:
    """Everything up to `at`: a month of everyday orders, then the stories, each instant's timers before what it brings."""
    days, stories = week.everyday(), week.STORIES
    orders = _place(cast, days, stories, at)
    turn = count()
    happenings: list[Happening] = []
    for n, day in enumerate(days):
        order = orders["lancao", _number(n)]
        happenings += [(when, next(turn), step) for when, step in _day(cast, day, order, at)]
    for n, story in enumerate(stories, len(days)):
        order = orders[story.shop, _number(n)]
        for act in story.acts:
            step = Player(cast, story, order, act).act
            happenings.append((at - timedelta(hours=act.ago), next(turn), step))
    first = min(when for when, *_ in happenings)
    happenings += [
        (first, -1, lambda now: reminders.subscribe(cast.service, now=now)),
        (_midnight(at), next(turn), lambda now: _rest(cast.service, now)),
    ]
    for when, _, happen in sorted(happenings, key=lambda each: each[:2]):
        happen(when)
    for owner in cast.owners.values():
        _let_time_pass(owner.shop_id, at)
    reminders.subscribe(cast.service, now=at)
    told = unseen(cast.service.shop_id, cast.service.member_id or 0, limit=reminders.MOST_SEEN)
    reminders.see(cast.service, [number for row in told for number in row.ids], now=at)


def _midnight(at: datetime) -> datetime:
    """When the shop's day began."""
    return datetime.combine(at.astimezone(ZONE).date(), time(), ZONE)


def _rest(service: Actor, now: datetime) -> None:
    """Today's reminders are left to whoever plays the demo: ten an account a day are all there are."""
    _let_time_pass(service.shop_id, now)
    reminders.subscribe(service, now=now, on=False)


def _number(n: int) -> str:
    return f"3{n:06d}00000330077"


def _place(
    cast: Cast, days: Sequence[Everyday], stories: Sequence[Story], at: datetime
) -> dict[tuple[str, str], int]:  # fmt: skip
    """All orders, as their marketplace would export them; (shop, number) -> id."""
    wanted: dict[str, list[OrderDraft]] = {shop: [] for shop in cast.owners}
    for n, day in enumerate(days):
        wanted["lancao"].append(_draft(n, day.buyer, day.title, day.price, at - timedelta(hours=day.paid)))
    for n, story in enumerate(stories, len(days)):
        wanted[story.shop].append(_draft(n, story.buyer, story.title, story.price, at - timedelta(hours=story.paid)))
    first = at - timedelta(days=week.DAYS + 1)
    placed: dict[tuple[str, str], int] = {}
    for shop, drafts in wanted.items():
        made = placing.take_in(cast.owners[shop], drafts, now=first)
        placed |= {(shop, number): order for number, order in made.items()}
    return placed


def _draft(n: int, buyer: str, title: str, price: Decimal, paid_at: datetime) -> OrderDraft:
    return OrderDraft(
        number=_number(n), status="awaiting_shipment", buyer=buyer, receiver=f"样例{n:03d}",
        phone=f"1700001{n:04d}", province="上海市", city="上海市", district="徐汇区", region="310104",
        address=f"样例路{n + 1}号2栋301室", item_amount=price, paid_amount=price, title=title, ordered_at=paid_at,
        paid_at=paid_at,
    )  # fmt: skip


def _let_time_pass(shop_id: int, until: datetime) -> None:
    """Whatever tasks had fall due by then, each at its own moment. The clock itself looks for parcels without a scan."""
    while (due := min(timers.next_moments(shop_id), default=until)) < until:
        if not reminders.run_due(shop_id, now=due) + tasks.run_due(shop_id, now=due):
            break


def _day(cast: Cast, day: Everyday, order: int, at: datetime) -> list[tuple[datetime, Step]]:
    paid = at - timedelta(hours=day.paid)
    buyer = BuyerActor(cast.service.shop_id, day.buyer)
    found: list[tuple[datetime, Step]] = []
    for after, words, seconds in day.talks:
        asked = paid + timedelta(hours=after)
        found.append((asked, _says(buyer, order, words)))
        if seconds:
            reply = week.ANSWERED[seconds % len(week.ANSWERED)]
            found.append((asked + timedelta(seconds=seconds), _says(cast.service, order, reply)))
    waybill = cast.waybill()
    found.append((paid + timedelta(hours=day.shipped), partial(_ship, cast.warehouse, order, waybill)))
    if day.scanned:
        found.append((paid + timedelta(hours=day.scanned), partial(_scan, cast.warehouse, waybill)))
    return found


def _says(who: Actor | BuyerActor, order: int, words: str) -> Step:
    return lambda now: messages.send(who, order, body=words, now=now)


def _ship(actor: Actor, order: int, waybill: str, now: datetime) -> None:
    parcels.ship(actor, order_ids=[order], carrier="ZTO", waybill=waybill, now=now)


def _scan(actor: Actor, waybill: str, now: datetime) -> None:
    parcels.record_scans(actor, [CarrierScan("ZTO", waybill, "picked_up", now)], now=now)


@dataclass(slots=True)
class Player:
    """One act of one story."""

    cast: Cast
    story: Story
    order: int
    step: Act

    def act(self, now: datetime) -> None:
        _let_time_pass(self.owner.shop_id, now)
        {
            "urge": self._urge, "say": self._say, "card": self._card, "accept": self._accept, "refuse": self._refuse,
            "answer": self._answer, "later": self._later, "exchange": self._exchange, "cannot": self._cannot,
            "ship": self._ship, "scan": self._scan, "evidence": self._evidence, "uphold": self._uphold,
            "dismiss": self._dismiss, "settle": self._settle, "withdraw": self._withdraw, "receive": self._receive,
            "ask_refund": self._ask_refund, "agree_refund": self._agree_refund, "refund": self._refund,
        }[self.step.what](now)  # fmt: skip

    @property
    def owner(self) -> Actor:
        return self.cast.owners[self.story.shop]

    @property
    def buyer(self) -> BuyerActor:
        return BuyerActor(self.owner.shop_id, self.story.buyer)

    def _urge(self, now: datetime) -> None:
        tasks.press_urge(self.buyer, self.order, now=now)

    def _say(self, now: datetime) -> None:
        messages.send(self.buyer, self.order, body=self.step.words, now=now)

    def _card(self, now: datetime) -> None:
        messages.contact_again(self.buyer, self.order, now=now)

    def _accept(self, now: datetime, accept: bool = True) -> None:
        tasks.buyer_answer(self.buyer, self.order, accept=accept, now=now)

    def _refuse(self, now: datetime) -> None:
        self._accept(now, accept=False)
        self._say(now)

    def _answer(self, now: datetime) -> None:
        messages.send(self.cast.serves(self.story.shop), self.order, body=self.step.words, now=now)

    def _reply(self, now: datetime, plan: str, until: datetime | None = None) -> None:
        actor = self.cast.serves(self.story.shop)
        tasks.reply(actor, self.order, plan=plan, until=until, now=now, text=self.step.words)

    def _later(self, now: datetime) -> None:
        self._reply(now, "ship_later", until=now + timedelta(hours=self.step.hours))

    def _exchange(self, now: datetime) -> None:
        self._reply(now, "exchange")

    def _cannot(self, now: datetime) -> None:
        self._reply(now, "cannot_ship")

    def _ship(self, now: datetime) -> None:
        _ship(self.cast.ships(self.story.shop), self.order, self._waybill, now)

    def _scan(self, now: datetime) -> None:
        _scan(self.cast.ships(self.story.shop), self._waybill, now)

    @property
    def _waybill(self) -> str:
        return f"7532{self.order:010d}"

    def _evidence(self, now: datetime) -> None:
        evidence.add(self.owner, order_id=self.order, body=self.step.words, now=now)

    def _uphold(self, now: datetime, verdict: str = "upheld") -> None:
        complaints.adjudicate(
            self.cast.platform, self.owner.shop_id, self.order, verdict=verdict, statement=self.step.words, now=now
        )  # fmt: skip

    def _dismiss(self, now: datetime) -> None:
        self._uphold(now, "dismissed")

    def _settle(self, now: datetime) -> None:
        complaints.settle(self.owner, self.order, now=now)

    def _withdraw(self, now: datetime) -> None:
        complaints.withdraw(self.buyer, self.order, now=now)

    def _receive(self, now: datetime) -> None:
        receipts.confirm(self.buyer, self.order, now=now)

    def _ask_refund(self, now: datetime) -> None:
        refunds.request(self.buyer, self.order, amount=self.story.price, reason=self.step.words, now=now)

    def _agree_refund(self, now: datetime) -> None:
        refunds.agree(self.owner, self.order, now=now)

    def _refund(self, now: datetime) -> None:
        refunds.succeed(self.owner, self.order, now=now)
