"""The demo's courier: of the contract whose numbers are in stock, with a few orders in his hands."""

from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.samples.accounts import PASSWORD

USERNAME: Final = "kuaidi"
HANDED: Final = 6


def play(shop: Actor, contract_id: int, waiting: list[Any], *, at: datetime) -> None:
    """Make the courier of a shop's contract, and hand him the last HANDED of these orders."""
    from fahuo.services import couriers, handing

    couriers.invite(
        shop, username=USERNAME, name="小李", phone="17000000009", contract_id=contract_id, password=PASSWORD,
        now=at - timedelta(days=20),
    )  # fmt: skip
    chosen = [row.id for row in waiting][-HANDED:]
    handing.hand(shop, chosen, contract_id=contract_id, note="易碎，轻放", now=at - timedelta(minutes=20))
