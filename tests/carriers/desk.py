"""A shop with an account at a carrier's service in this process, and a clock that both go by."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fahuo.rules.people import Actor
from fahuo.services import carrier_rounds, carriers
from fahuo.store.models import CarrierAccount, Contract, NumberOrder
from tests.carriers.carrier import CARRIER, SETTINGS, FakeCarrier
from tests.conftest import NOW
from tests.services.stocks import make_contract

ORIGIN = "https://desk.example/push/carriers/lan"


@dataclass
class Desk:
    actor: Actor
    kind: str
    at: datetime = NOW
    tracks: bool = True
    fake: FakeCarrier = field(init=False)
    account: int = field(init=False)
    contract: Contract = field(init=False)

    def __post_init__(self) -> None:
        self.fake = FakeCarrier(self.kind)
        self.account = carriers.open_account(
            self.actor,
            self.kind,
            f"{self.kind}账号",
            SETTINGS[self.kind],
            tracks=self.tracks,
            origin=ORIGIN,
            now=self.at,
        )
        self.contract = make_contract(
            self.actor.shop_id, f"{self.kind}合同", carrier=CARRIER[self.kind], numbers="entered",
            sender_address="浙江省杭州市西湖区花园路1号", sender_name="兰草", sender_phone="17000000009",
        )  # fmt: skip
        carriers.bind(self.actor, self.contract.id, self.account, now=self.at)

    def round(self, minutes: float = 0) -> None:
        """One round of the clock, after so many minutes."""
        self.at += timedelta(minutes=minutes)
        carrier_rounds.run_due(self.actor.shop_id, moment=lambda: self.at, send=self.fake)

    def settle(self, rounds: int = 12) -> None:
        """Rounds on good days, far enough apart that everything that is due was asked, until nothing is."""
        for _ in range(rounds):
            self.round(16)
            due = NumberOrder.objects.filter(shop_id=self.actor.shop_id, due_at__isnull=False)
            if not due.exists():
                return

    def rows(self) -> list[NumberOrder]:
        return list(NumberOrder.objects.filter(shop_id=self.actor.shop_id).order_by("id"))

    def row(self) -> CarrierAccount:
        return CarrierAccount.objects.get(shop_id=self.actor.shop_id, id=self.account)
