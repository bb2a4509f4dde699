"""python -m tests.faults.shop PRINTER_PORT WEBHOOK_ADDRESS: a shop for a day with faults; prints its key, contract, printer."""

import sys
from datetime import UTC, datetime
from decimal import Decimal

import django

django.setup()

from fahuo.rules.people import PERMISSIONS, Actor  # noqa: E402  # once Django is set up
from fahuo.services import keys, stock, webhooks  # noqa: E402
from fahuo.services.stock import Terms  # noqa: E402
from fahuo.store.models import Contract, Printer, Shop  # noqa: E402

NUMBERS = 50_000


def make(port: int, address: str) -> str:
    now = datetime.now(UTC)
    shop = Shop.objects.create(code="faults", name="faults", platform="taobao", tasks_here=True, created_at=now)
    owner = Actor(shop.id, None, "faults", is_owner=True)
    key = keys.make(owner, name="faults", scopes=list(PERMISSIONS), per_minute=1_000_000, now=now)[1]
    contract = Contract.objects.create(shop_id=shop.id, carrier="ZTO", name="中通", created_at=now)
    stock.buy_run(
        owner, contract.id, Terms(Decimal("1.20"), now.date()), first="75330000000501", count=NUMBERS, now=now
    )
    printer = Printer.objects.create(
        shop_id=shop.id, name="faults", kind="raw", host="127.0.0.1", port=port, acknowledge="status", created_at=now
    )
    webhooks.add(owner, address=address, name="", kinds=[], now=now)
    return f"{key} {contract.id} {printer.id}"


if __name__ == "__main__":
    print(make(int(sys.argv[1]), sys.argv[2]))
