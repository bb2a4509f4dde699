"""The demo's courier: a contract with a branch that has numbers in stock, a courier of it, and a few orders in his hands."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.samples.accounts import PASSWORD

USERNAME: Final = "kuaidi"
FIRST_NUMBER: Final = "75330000003001"
NUMBERS: Final = 500
HANDED: Final = 6


def play(shop: Actor, waiting: list[Any], *, at: datetime) -> None:
    """Make the contract and the courier of a shop, and hand him the last HANDED of these orders."""
    from fahuo.rules.contracts import ContractData
    from fahuo.services import contracts, couriers, handing, stock

    since = at - timedelta(days=20)
    data = ContractData(
        carrier="ZTO", name="中通西湖网点", branch="西湖", contact_name="小李", contact_phone="17000000009",
        pickup_times=(time(11), time(17)), return_voided_days=15, return_silent_days=30,
    )  # fmt: skip
    contract_id = contracts.keep(shop, data, now=since)
    terms = stock.Terms(Decimal("2.30"), since.date())
    stock.buy_run(shop, contract_id, terms, first=FIRST_NUMBER, count=NUMBERS, now=since)
    couriers.invite(
        shop, username=USERNAME, name="小李", phone="17000000009", contract_id=contract_id, password=PASSWORD, now=since
    )
    chosen = [row.id for row in waiting][-HANDED:]
    handing.hand(shop, chosen, contract_id=contract_id, note="易碎，轻放", now=at - timedelta(minutes=20))
