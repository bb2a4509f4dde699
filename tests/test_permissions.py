"""Who may ask for what: every address of the product, each with an example of the shop, by GET and by POST, for everybody.

The table says for each route what is asked of a person and what an allowed request answers. A route that is not in it
fails; so does one whose door (`access`, see web.access) asks something else than the table says.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from fahuo.connectors.sheet.writer import write_csv
from fahuo.rules.people import ACTS, PERMISSIONS, Actor
from fahuo.services import batches, parcels, settings, views
from fahuo.store.models import Buyer, ColumnMap, Courier, PlatformStaff, Shop, User
from tests.conftest import Account, lan, make_account, zhu
from tests.privacy import doors
from tests.routes import FACES, TABLE
from tests.routes.kinds import BUYER, NONE, Route
from tests.services.contracts import make_contract, make_courier
from tests.services.shipping import make_order, order_number, waybill

ALIASES: Final = {
    "waiting": "batch_id", "shipped": "batch_id", "imported": "batch_id", "unknown": "batch_id",
    "handed_order": "order_id", "stocked": "contract_id", "handed_job": "job_id", "handed_pickup": "pickup_id", "asked_pickup": "pickup_id",
    "browser_job": "job_id", "component_job": "job_id", "browser_printer": "printer_id",
}  # fmt: skip
BUYERS: Final = ("buyer", "other_buyer")
COURIERS: Final = ("courier", "other_courier", "closed_courier")
"""Of the example's contract; of another contract of the shop; of the example's contract, and shut out."""
OUTSIDE: Final = ("stranger", *BUYERS, *COURIERS, "staff", "anonymous")
"""Who is no member of the shop."""
ROLES: Final = ("owner", *PERMISSIONS, "nothing", *OUTSIDE)


def walked(patterns: Iterable[Any] | None = None) -> Iterator[URLPattern]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from walked(entry.url_patterns)
        else:
            yield entry


def test_every_route_is_in_the_table_with_the_mark_of_its_door() -> None:
    doors = {str(entry.name): getattr(entry.callback, "access", None) for entry in walked()}
    assert doors == {name: route.door for name, route in TABLE.items()}
    acts = {door.partition(":")[2] for door in doors.values() if door and door.startswith("shop:")} - {"any"}
    assert acts <= set(ACTS)


@pytest.fixture(scope="module")
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def shop(ground: None) -> Shop:
    return lan()


@pytest.fixture(scope="module")
def owner_account(shop: Shop) -> Account:
    return make_account(shop, "owner", is_owner=True)


@pytest.fixture(scope="module")
def stranger_account(ground: None) -> Account:
    return make_account(zhu(), "stranger", is_owner=True)


@pytest.fixture(scope="module")
def world(shop: Shop, owner_account: Account, now: datetime) -> dict[str, Any]:
    """An example of everything an address can name, built once: each role finds it as it was."""
    return example_of(shop, owner_account.actor, now)


def example_of(shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """An example of everything an address can name."""
    orders = [make_order(shop.id, n, now=now, buyer=BUYER) for n in range(1, 5)]
    parcel = parcels.ship(owner, order_ids=[orders[1]], carrier="ZTO", waybill=waybill(1), now=now)
    shipped = batches.open_shipments(owner, order_ids=[orders[2]], now=now)
    batches.fill_from_run(owner, shipped, carrier="ZTO", first=waybill(2), now=now)
    _work(owner, shipped, now)
    batches.commit(owner, shipped, now=now)
    _work(owner, shipped, now)
    imported, unknown = (
        batches.open_import(owner, name="a.csv", body=write_csv(header, [["3001900000000099", *["买家已付款，等待卖家发货"] * 5]]), now=now)
        for header in (
            ("订单编号", "订单状态", "买家会员名", "收货人姓名", "宝贝标题", "买家留言"), ("甲", "乙", "丙", "丁", "戊", "己"),
        )
    )  # fmt: skip
    for batch_id in (imported, unknown):
        _work(owner, batch_id, now)
    template = settings.SheetTemplate("表一", "address", [("单号", "number")])
    member = make_account(shop, "idle", permissions=())
    example = {
        "shop": shop.code, "order_id": orders[0], "parcel_order": orders[1], "parcel_id": parcel,
        "waiting": batches.open_shipments(owner, order_ids=[orders[3]], now=now), "shipped": shipped,
        "imported": imported, "unknown": unknown, "member": member.member.id, "name": "none.csv",
        "template": settings.keep_template(owner, template, fields=["number"], now=now),
        "columns": ColumnMap.objects.create(
            shop_id=shop.id, kind="orders", fingerprint="x", columns={}, created_at=now
        ).id,
        "view_id": views.save_view(owner, name="急", query="urged=1", now=now), "numbers": order_number(4),
        "later": f"{now + timedelta(days=5):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    for face in FACES:
        if hasattr(face, "example"):
            example |= face.example(example, shop, owner, now)
    return example


def _work(actor: Actor, batch_id: int, now: datetime) -> None:
    assert batches.work(actor.shop_id, batch_id, now=now)


def address_of(name: str, route: Route, world: dict[str, Any]) -> str:
    parts = {ALIASES.get(part, part): world[part] for part in route.parts}
    if "parcel_id" in parts:
        parts["order_id"] = world["parcel_order"]
    if route.door.startswith("shop:"):
        parts["shop"] = world["shop"]
    return reverse(name, kwargs=parts)


def posted(route: Route, world: dict[str, Any]) -> dict[str, Any]:
    """What the table says to post, with the example's own ids and fresh files."""
    files = {
        "{orders}": (("订单编号", "订单状态", "买家会员名", "收货人姓名"), ["3001900000000098", "买家已付款，等待卖家发货", "b", "甲"]),
        "{numbers}": (("订单编号", "运单号"), [world["numbers"], waybill(60)]),
    }  # fmt: skip
    data = {}
    for name, value in route.data:
        if value in files:
            header, row = files[value]
            data[name] = SimpleUploadedFile("a.csv", write_csv(header, [row]))
        else:
            data[name] = value.format(**world)
    return data


def permissions_of(role: str) -> frozenset[str]:
    """What the role holds."""
    return frozenset(PERMISSIONS) if role == "owner" else frozenset({role} & set(PERMISSIONS))


def names_what_is_handed(route: Route) -> bool:
    """Whether the address, or what is posted, names something of the courier: an order in his hands, a job, a pickup."""
    return any("handed_" in str(part) for part in (*route.parts, *(value for _, value in route.data)))


def expected(route: Route, role: str, method: str) -> int:
    """What the answer must be: by the door's mark, the table of acts, and what the route answers to who may."""
    answer = route.get if method == "GET" else route.post
    if role == "anonymous":
        if route is TABLE["login"]:
            return 200
        return answer if route.door in ("public", "top", "push") else 302
    if route.door == "buyer":
        mine = role == "buyer" or (role == "other_buyer" and "order_id" not in route.parts)
        return answer if mine or answer == NONE and role in BUYERS else 404
    if route.door == "courier":
        mine = role == "courier" or (role == "other_courier" and not names_what_is_handed(route))
        return answer if mine or answer == NONE and role == "other_courier" else 404
    if role == "closed_courier" and route is TABLE["home"]:
        return 200
    if route.door == "platform":
        return answer if role == "staff" else 404
    if not route.door.startswith("shop:"):
        return answer
    if role in OUTSIDE:
        return 404
    act = route.door.partition(":")[2]
    asked = [] if act == "any" else [act]
    if route.also and answer != NONE and (method == "POST" or route.both):
        asked.append(route.also)
    held = permissions_of(role)
    return answer if role == "owner" or all(held & ACTS[name] for name in asked) else 403


def client_of(role: str, shop: Shop, owner_account: Account, stranger_account: Account) -> Client:
    client = Client()
    if role == "owner":
        client.force_login(owner_account.user)
    elif role == "stranger":
        client.force_login(stranger_account.user)
    elif role in COURIERS:
        user = User.objects.get(username="lan:kuaidi")
        if role == "other_courier":
            contract = make_contract(shop.id, "别家", carrier="YTO", now=shop.created_at)
            user = make_courier(contract, "somebody").user
        Courier.objects.filter(shop_id=shop.id, user_id=user.id).update(active=role != "closed_courier")
        User.objects.filter(id=user.id).update(username="somebody")
        client.force_login(user)
    elif role in BUYERS or role == "staff":
        user = User.objects.create_user(username="somebody", password="correct horse")
        if role == "staff":
            PlatformStaff.objects.create(user_id=user.id, name="somebody", created_at=shop.created_at)
        else:
            name = BUYER if role == "buyer" else "somebody else"
            Buyer.objects.create(shop_id=shop.id, user_id=user.id, name=name, created_at=shop.created_at)
        client.force_login(user)
    elif role != "anonymous":
        client.force_login(make_account(shop, "somebody", permissions=tuple(permissions_of(role))).user)
    return client


class Undone(Exception):
    """Ends a savepoint: what a request did is taken back, the next finds the same example."""


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_as_the_table_says(
    role: str, world: dict[str, Any], shop: Shop, owner_account: Account, stranger_account: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    client = client_of(role, shop, owner_account, stranger_account)
    cookies = copy(client.cookies)
    wrong: list[Any] = []
    shown: set[tuple[str, str]] = set()
    for name, route in TABLE.items():
        address = address_of(name, route, world)
        for method in ("GET", "POST"):
            try:
                with transaction.atomic():
                    answer = client.get(address) if method == "GET" else client.post(address, posted(route, world))
                    content = b"" if answer.streaming else answer.content
                    if answer.streaming:
                        answer.close()
                    raise Undone
            except Undone:
                pass
            if doors.leaks(content):
                shown.add((method, name))
            if answer.status_code != expected(route, role, method):
                wrong.append((method, name, answer.status_code, expected(route, role, method)))
            if role in OUTSIDE and route.door.startswith("shop:") or role in COURIERS:
                assert order_number(1).encode() not in answer.content
            client.cookies = copy(cookies)  # who signed out is signed in again: the session was taken back, too
    assert wrong == []
    assert doors.allowed(role, shown), shown
    assert not doors.leaks(caplog.text.encode())
