"""The demo: two shops of fictional people, loaded through the same doors that a seller uses."""

import copy
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready
from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.samples.accounts import ACCOUNTS, PASSWORD

SHIPPED_YESTERDAY = 24
FIRST_NUMBER = "75330000000012"


def folder() -> Path:
    """Where the sample files stand: `samples/` of the checkout, or of the data folder where that is not ours to write."""
    from django.conf import settings

    checkout = Path(settings.BASE_DIR).parent
    writable = (checkout / "pyproject.toml").exists() and _can_write(checkout)
    return (checkout if writable else Path(settings.DATA)) / "samples"


def _can_write(place: Path) -> bool:
    return os.access(place, os.W_OK)


@click.command("demo")
def command() -> None:
    """装入演示店铺。Load the demo shops; the sample files are left in samples/."""
    ready()
    from fahuo.store.models import Shop

    if Shop.objects.exists():
        raise Refusal.of("demo_not_empty")
    load()
    for name, password, words in ACCOUNTS:
        click.echo(f"{name} / {password}  {words}")
    click.echo(say(f"示例文件在 {folder()}", f"The sample files are in {folder()}"))


def load() -> None:
    """Fill an empty database: two shops, their accounts, orders from the sample files, a day of work."""
    from fahuo.cli import demo_contracts, demo_courier, demo_printing
    from fahuo.samples import files

    at = datetime.now(UTC)
    written = files.write(folder(), at=at)
    lancao, zhuli = _shops(at - timedelta(days=90))
    contract = demo_contracts.set_up(lancao, at=at)
    for path in (_named(written, r"ExportOrderList\d+\.xlsx"), _named(written, r"ExportOrderDetailList\d+\.csv")):
        _import(lancao, path.name, path.read_bytes(), at - timedelta(hours=30))
    for path in (
        _named(written, r"ExportOrderList\d+-2017\.csv"),
        _named(written, r"ExportOrderDetailList\d+-2017\.csv"),
    ):
        _import(zhuli, path.name, path.read_bytes(), at - timedelta(hours=3))
    sheet = _numbers(_named(written, r"shipments-\d+\.xlsx"))
    _yesterday(lancao, sheet, at)
    _today(lancao, at)
    _last_weeks(lancao, zhuli, at)
    demo_courier.play(lancao, contract, [row for row in _waiting(lancao, at, 60) if not row.conflict], at=at)
    free = [row for row in _waiting(lancao, at, 120) if not row.conflict and not row.handed and row.number not in sheet]
    labelled = free[-demo_printing.LABELLED :]
    demo_printing.play(lancao, contract, labelled, lambda numbers: _moved_away(lancao, numbers, at), at=at)
    _at_hand(lancao, at)


def _named(paths: list[Path], pattern: str) -> Path:
    return next(path for path in paths if re.fullmatch(pattern, path.name))


def _numbers(sheet: Path) -> set[str]:
    """The order numbers of the carrier's sample sheet: they are left waiting, for whoever tries it."""
    from fahuo.connectors.sheet.reader import open_sheet

    return {row.cells[0] for row in open_sheet(sheet.name, sheet.read_bytes()).rows()}


def _shops(at: datetime) -> tuple[Actor, Actor]:
    from fahuo.services import people
    from fahuo.services.settings import ShopData, set_shop

    owner = ACCOUNTS[0][0]
    lancao = people.create_shop(
        "lancao", "兰草小铺", owner=owner, owner_name="兰草", password=PASSWORD, tasks_here=True, now=at
    )  # fmt: skip
    zhuli = people.create_shop(
        "zhuli", "竹里馆", owner=owner, owner_name="兰草", password=None, platform="tmall", tasks_here=True, now=at
    )
    people.invite(
        lancao, username="cangku", name="仓库", permissions=["ship", "print", "export"], password=PASSWORD, now=at
    )  # fmt: skip
    people.invite(lancao, username="kefu", name="客服", permissions=["messages", "tasks"], password=PASSWORD, now=at)
    for actor, name, region, address in (
        (lancao, "兰草小铺", "330106", "浙江省杭州市西湖区样例路1号"),
        (zhuli, "竹里馆", "320505", "江苏省苏州市虎丘区样例街2号"),
    ):
        data = ShopData(
            name=name, ship_from=region, promise_hours=None, default_carrier="ZTO", sender_name=f"{name}发货组",
            sender_phone="17000000000", sender_address=address,
        )  # fmt: skip
        set_shop(actor, data, now=at)
    return lancao, zhuli


def _last_weeks(lancao: Actor, zhuli: Actor, at: datetime) -> None:
    """The two buyers, somebody who decides for the platform, and what they and the shops did with each other."""
    from fahuo.cli import demo_week
    from fahuo.samples import week
    from fahuo.services import buyers, people, staff

    since = at - timedelta(days=60)
    for username, name in (("maijia", week.MINE), ("maijia2", week.OTHER)):
        people.new_person(username, PASSWORD)
        for code in ("lancao", "zhuli"):
            buyers.add(code, username, name=name, now=since)
    staff.make_staff("pingtai", "平台小二", password=PASSWORD, now=since)
    served = {member.username: Actor(lancao.shop_id, member.id, member.name, permissions=frozenset(member.permissions))
              for member in people.members(lancao)}  # fmt: skip
    owners = {"lancao": lancao, "zhuli": zhuli}
    cast = demo_week.Cast(owners, served["cangku"], served["kefu"], PlatformActor("平台小二"))
    demo_week.play(cast, at=at)


TEXTS = (
    ("延迟致歉", "亲，非常抱歉，这一单晚了。我们已经在加紧安排，发出后第一时间把单号告诉您。"),
    ("缺货退款", "亲，很抱歉，这款暂时缺货，马上为您全额退款，欢迎再来。"),
    ("换同款", "亲，您要的颜色缺货，换成同款另一个颜色可以吗？同意的话今天就发。"),
)


def _at_hand(actor: Actor, at: datetime) -> None:
    """A delay report that the platform has not answered yet, and answers that are kept to be given again."""
    from fahuo.rules.reports import Wish
    from fahuo.services import reports, saved_texts

    wish = Wish(at + timedelta(days=4), "region", "54")
    words = "当地连日暴雪，快递公司通知停运三天。"
    reports.file_with(actor, wish, name="西藏暴雪停运", body=words, files=[], now=at - timedelta(hours=3))
    for title, body in TEXTS:
        saved_texts.keep(actor, title=title, body=body, now=at - timedelta(days=20))


def _import(actor: Actor, name: str, body: bytes, at: datetime) -> None:
    from fahuo.services import batches

    batch_id = batches.open_import(actor, name=name, body=body, now=at)
    desk.finish(actor, batch_id, at=at)
    batches.commit(actor, batch_id, now=at)
    desk.finish(actor, batch_id, at=at)


def _waiting(actor: Actor, at: datetime, count: int) -> list[Any]:
    from fahuo.rules.filters import OrderFilter
    from fahuo.store import boards

    page = boards.orders_page(actor.shop_id, OrderFilter(), limit=count, now=at)
    return [row for row in page.rows if row.kind == "normal" and row.refund_status == "none"]


def _yesterday(actor: Actor, left: set[str], at: datetime) -> None:
    """A batch went out by consecutive numbers; the carrier has scanned two in three of it."""
    from fahuo.services import batches, parcels
    from fahuo.store.models import Parcel

    then = at - timedelta(hours=26)
    chosen = [row.id for row in _waiting(actor, at, 120) if row.number not in left][:SHIPPED_YESTERDAY]
    batch_id = batches.open_shipments(actor, order_ids=chosen, name=say("昨天的中通", "yesterday's ZTO"), now=then)
    batches.fill_from_run(actor, batch_id, carrier="ZTO", first=FIRST_NUMBER, now=then)
    desk.finish(actor, batch_id, at=then)
    batches.commit(actor, batch_id, now=then)
    desk.finish(actor, batch_id, at=then)
    batches.hand_over(actor, batch_id, now=then + timedelta(hours=2))
    shipped = Parcel.objects.filter(shop_id=actor.shop_id, batch_id=batch_id).order_by("id")
    scans = [(p.carrier, p.waybill) for n, p in enumerate(shipped) if n % 3]
    scanned = then + timedelta(hours=3)
    parcels.record_scans(
        actor, [CarrierScan(carrier, waybill, "picked_up", scanned) for carrier, waybill in scans], now=at
    )


def _today(actor: Actor, at: datetime) -> None:
    """Buyers have urged, customer service has left marks, one buyer agreed to wait, one address changed after printing."""
    from fahuo.services import orders

    rows = _waiting(actor, at, 60)
    for n, row in enumerate(rows[:9]):
        orders.urge(actor, row.id, count=1 + n % 3, now=at - timedelta(minutes=40 * (n + 1)))
    for row, flag, memo in zip(
        rows[10:14], (1, 2, 3, 1), ("缺货，明天到", "送贺卡", "发顺丰", "改地址，先别发"), strict=False
    ):
        orders.set_flag(actor, row.id, flag, now=at - timedelta(hours=2))
        orders.set_memo(actor, row.id, memo, now=at - timedelta(hours=2))
    if len(rows) > 20:
        orders.let_wait(actor, [rows[15].id], at + timedelta(days=2), ground="agreed", now=at - timedelta(hours=1))
        printed = rows[16:18]
        orders.mark_printed(actor, [row.id for row in printed], now=at - timedelta(hours=1))
        _moved_away(actor, [row.number for row in printed], at)


def _moved_away(actor: Actor, numbers: list[str], at: datetime) -> None:
    """The buyers of printed orders change their address at the marketplace; the next export says so."""
    from fahuo.connectors.sheet.writer import write_csv
    from fahuo.samples import exports, orders

    changed = []
    for draft in orders(300, 1, at):
        if draft.number in numbers:
            moved = copy.copy(draft)
            moved.address = "新风路8号2幢1单元302室"
            changed.append(exports.order_row(exports.ORDERS_2022, moved))
    _import(actor, "ExportOrderList-later.csv", write_csv(exports.ORDERS_2022, changed), at)
