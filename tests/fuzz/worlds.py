"""The shops that the inputs meet: one whose doors are open, with an example of everything; another whose things are not its own."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.test import Client

from fahuo.rules.people import PERMISSIONS, Actor, BuyerActor
from fahuo.services import (
    batches,
    carriers,
    complaints,
    keys,
    labels,
    messages,
    parcels,
    print_jobs,
    saved_texts,
    webhooks,
)
from fahuo.services.labels import Made
from fahuo.store.models import Buyer, CarrierAccount, Marketplace, PlatformStaff, Printer, Shop, User
from tests.api.world import build
from tests.carriers.carrier import CARRIER, SETTINGS
from tests.conftest import Account, make_account
from tests.services.shipping import make_order, order_number, waybill
from tests.services.stocks import buy, make_contract
from tests.top.calling import Desk, draft, take_in

PUSHED: Final = {"kuaidi100": "75330000008001", "kdniao": "YT8888888888001"}
"""Kind of a carrier's service that pushes -> the number of a parcel of it."""


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shops(now: datetime) -> tuple[Shop, Account, Shop, Account]:
    """A shop with its main account, and another with its own."""
    shop = Shop.objects.create(code="lan", name="兰草小铺", platform="taobao", ship_from="330106", created_at=now)
    other = Shop.objects.create(code="zhu", name="竹里馆", platform="tmall", ship_from="440305", created_at=now)
    owner, stranger = make_account(shop, "owner", is_owner=True), make_account(other, "stranger", is_owner=True)
    return shop, owner, other, stranger


def theirs(shop: Shop, owner: Actor, *, now: datetime) -> dict[str, Any]:
    """Another shop's things, as ids by what they are."""
    ids = [make_order(shop.id, n, now=now, buyer="别人") for n in range(301, 309)]
    contract = make_contract(shop.id, "别家的", now=now)
    buy(owner, contract, 9, first="75330000007001", now=now)
    made = [
        each.label_id
        for each in labels.make(owner, ids[:2], now=now, contract_id=contract.id)
        if isinstance(each, Made)
    ]
    printer = Printer.objects.create(
        shop_id=shop.id, name="别家的机", kind="raw", host="127.0.0.1", port=9, created_at=now
    ).id
    buyer = BuyerActor(shop.id, "别人")
    complaints.open_by_buyer(buyer, ids[5], kind="delay", now=now)
    return {
        "orders": ids, "contract": contract.id, "labels": made, "printer": printer,
        "parcel": parcels.ship(owner, order_ids=[ids[2]], carrier="ZTO", waybill=waybill(9301), now=now),
        "job": print_jobs.make(owner, made[:1], printer_id=printer, now=now).job_id,
        "batch": batches.open_shipments(owner, order_ids=[ids[3]], now=now),
        "message": messages.send(buyer, ids[4], body="在吗", now=now),
        "text": saved_texts.keep(owner, title="别家", body="别家", now=now),
        "webhook": webhooks.add(owner, name="别家", address="https://other.example.com/in", now=now)[0],
    }  # fmt: skip


def machines() -> Mapping[str, Any]:
    """What machines and sheets meet: the example of the API's permission table, an app of the gateway, marketplaces and
    carriers that push, and people signed in."""
    now = datetime.now(UTC).replace(microsecond=0)
    shop, owner, other, stranger = shops(now)
    found: dict[str, Any] = {"api": build(shop, owner.actor, now=now), "now": now, "shop": shop, "other": other}
    found["theirs"] = theirs(other, stranger.actor, now=now)
    Shop.objects.filter(id=other.id).update(tasks_here=False)  # it may set a rule book of its own
    found["key"] = keys.make(owner.actor, name="fuzz", scopes=list(PERMISSIONS), per_minute=1_000_000, now=now)[1]
    found["weak"] = keys.make(owner.actor, name="weak", scopes=["messages"], per_minute=1_000_000, now=now)[1]
    found["their_key"] = keys.make(
        stranger.actor, name="theirs", scopes=list(PERMISSIONS), per_minute=1_000_000, now=now
    )[1]
    found["desk"] = Desk(owner.actor, per_second=1000, per_day=10_000_000)
    take_in(owner.actor, *(draft(n, now=now, lines=3 if n == 2 else 1) for n in range(1, 6)), now=now)
    found["pushes"] = _pushes(shop, owner.actor, now)
    found["nobody"] = Client()
    found["owner"], found["stranger"] = signed_in(owner.user), signed_in(stranger.user)
    found["courier"] = signed_in(User.objects.get(username="lan:kuaidi"))
    staff = User.objects.create_user(username="staff", password="correct horse")
    PlatformStaff.objects.create(user_id=staff.id, name="staff", created_at=now)
    found["staff"] = signed_in(staff)
    buyer = User.objects.create_user(username="buyer", password="correct horse")
    Buyer.objects.create(shop_id=shop.id, user_id=buyer.id, name="林间", created_at=now)
    found["buyer"] = signed_in(buyer)
    return found


def _pushes(shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """Kind -> (address, what it signs with)."""
    found = {}
    row = Marketplace.objects.get(shop_id=shop.id, kind="taobao")
    found["taobao"] = (f"/push/{shop.code}/{row.push_key}/", "2")
    for place, (kind, number) in enumerate(PUSHED.items()):
        order = make_order(shop.id, 60 + place, now=now)
        parcels.ship(owner, order_ids=[order], carrier=CARRIER[kind], waybill=number, now=now)
        account = carriers.open_account(
            owner,
            kind,
            f"{kind}账号",
            SETTINGS[kind],
            tracks=True,
            origin="https://desk.example/push/carriers/lan",
            now=now,
        )
        row = CarrierAccount.objects.get(shop_id=shop.id, id=account)
        found[kind] = (
            f"/push/carriers/{shop.code}/{row.push_key}/",
            SETTINGS[kind].get("salt") or SETTINGS[kind]["app_key"],
        )
    return found


def ids_of(tree: Any) -> list[int]:
    """Every id that stands in a world's things."""
    if isinstance(tree, bool):
        return []
    if isinstance(tree, int):
        return [tree]
    if isinstance(tree, Mapping):
        return [each for value in tree.values() for each in ids_of(value)]
    if isinstance(tree, list | tuple):
        return [each for value in tree for each in ids_of(value)]
    return [tree.id] if isinstance(getattr(tree, "id", None), int) else []


def numbers_of() -> list[str]:
    """Order numbers and waybills that name something in one of the shops, or nothing yet."""
    return [
        *(order_number(n) for n in (1, 3, 6, 7, 21, 22, 301, 304)),
        *(waybill(n) for n in (1, 2, 77, 900, 9301)),
        "75330000007001",
    ]


def pages() -> Mapping[str, Any]:
    """What people's forms meet: the example of the table of all addresses, and somebody signed in at every door."""
    from tests.test_permissions import example_of

    now = datetime.now(UTC)
    shop, owner, other, stranger = shops(now)
    found: dict[str, Any] = {"example": example_of(shop, owner.actor, now), "shop": shop, "other": other, "now": now}
    found["theirs"] = theirs(other, stranger.actor, now=now)
    staff, buyer = (User.objects.create_user(username=name, password="correct horse") for name in ("staff", "buyer"))
    PlatformStaff.objects.create(user_id=staff.id, name="staff", created_at=now)
    Buyer.objects.create(shop_id=shop.id, user_id=buyer.id, name="林间", created_at=now)
    users = {
        "shop": owner.user,
        "signed_in": owner.user,
        "platform": staff,
        "buyer": buyer,
        "courier": User.objects.get(username="lan:kuaidi"),
    }
    found["clients"] = {door: signed_in(user) for door, user in users.items()} | {
        "public": Client(),
        "top": Client(),
        "push": Client(),
    }
    return found


BUILDERS: Final[Mapping[str, Callable[[], Mapping[str, Any]]]] = {"machines": machines, "pages": pages}
