"""fahuo orders: the order list, and fahuo export: the address table for a carrier."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready
from fahuo.rules import filters
from fahuo.rules.problems import Refusal

Command = TypeVar("Command", bound=Callable[..., Any])

FLAGS = {
    "--urged": "Urged by the buyer.", "--overdue": "Past the deadline.", "--due-today": "Due today, in the shop's zone.",
    "--same-receiver": "Of receivers with more than one waiting order.", "--conflict": "Changed after printing or shipping.",
    "--unscanned": "Shipped, and not yet scanned by the carrier.", "--message": "With a message of the buyer.",
}  # fmt: skip
TEXTS = {
    "--due": "Due within this many hours.", "--region": "Region code: 2, 4 or 6 digits.", "--goods": "Title, SKU or item code.",
    "--carrier": "Carrier code.", "--flag": "The seller's flag, 0 to 10; -1: none.", "--memo": "Part of the memo.",
    "--buyer": "The buyer's name.", "--receiver": "The receiver's name.", "--phone": "The phone, or its last four digits.",
    "--number": "Order number.", "--waybill": "Waybill number.",
}  # fmt: skip


def filter_options(command: Command) -> Command:
    """The filters of the order list as options."""
    for name, words in reversed(TEXTS.items()):
        command = click.option(name, "filter_" + name[2:].replace("-", "_"), default=None, help=words)(command)
    for name, words in reversed(FLAGS.items()):
        command = click.option(name, "filter_" + name[2:].replace("-", "_"), is_flag=True, help=words)(command)
    tab = click.option("--tab", "filter_tab", type=click.Choice(filters.TABS), default="awaiting", show_default=True)
    return tab(command)


def asked(options: dict[str, Any]) -> filters.OrderFilter:
    """The filter that the options ask for. Raises a usage error for a value that makes no sense."""
    given = {name.removeprefix("filter_"): value for name, value in options.items() if name.startswith("filter_")}
    pairs = [
        (name, "1" if value is True else str(value)) for name, value in given.items() if value not in (None, False)
    ]
    parsed = filters.parse(pairs)
    if parsed.ignored:
        raise click.UsageError(", ".join(f"--{name.replace('_', '-')}" for name in parsed.ignored))
    return parsed.filter


@click.command("orders")
@desk.shop_option
@filter_options
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@desk.json_option
def command(shop_code: str | None, limit: int, as_json: bool, **options: Any) -> None:
    """List orders, those that are due first. Receivers and buyers are masked."""
    wanted = asked(options)
    ready()
    from fahuo.store import boards

    actor = desk.desk(shop_code)
    moment = desk.now()
    found = boards.count_matching(actor.shop_id, wanted, now=moment)
    rows = boards.orders_page(actor.shop_id, wanted, limit=limit, now=moment).rows
    total = f"{found.number}{'+' if found.more else ''}"
    lines = [_line(row) for row in rows]
    lines.append(say(f"列出 {len(rows)} 单，共 {total} 单", f"{len(rows)} of {total} orders"))
    desk.tell(as_json, {"total": found.number, "more": found.more, "orders": [_document(row) for row in rows]}, *lines)


def _document(row: Any) -> dict[str, Any]:
    return {
        "number": row.number, "status": row.status, "kind": row.kind, "buyer": row.buyer, "receiver": row.receiver,
        "province": row.province, "city": row.city, "title": row.title, "quantity": row.quantity,
        "item_amount": row.item_amount, "deadline": row.deadline and row.deadline.isoformat(), "stake": row.stake,
        "clause": row.deadline_clause, "urges": row.urge_count, "refund": row.refund_status, "conflict": row.conflict,
        "flag": row.flag, "memo": row.memo,
        "parcels": [{"carrier": parcel.carrier, "waybill": parcel.waybill} for parcel in row.parcels],
    }  # fmt: skip


def _line(row: Any) -> str:
    due = row.deadline.astimezone().strftime("%m-%d %H:%M") if row.deadline else "-"
    marks = "".join(mark for mark, on in (("催", row.urge_count), ("冲突", row.conflict)) if on)
    return f"{row.number:<20} {due:>11} {row.stake:>8} {row.city:<6} {row.title[:24]} x{row.quantity} {marks}".rstrip()


@click.command("export")
@desk.shop_option
@filter_options
@click.option("--for", "for_carrier", required=True, help="The carrier that gets the table, by code or name.")
@click.option("--template", help="One of the shop's own column templates, by name.")
@click.option("--batch", "batch_id", type=int, help="Export this batch again instead of opening one.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File or folder; left out, the current folder.")
@desk.json_option
def export(
    shop_code: str | None, for_carrier: str, template: str | None, batch_id: int | None, output: Path | None,
    as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Open a batch of the waiting orders that match, and write the carrier's address table in their order."""
    wanted = asked(options)
    ready()
    from fahuo.services import batches

    actor, moment = desk.desk(shop_code), desk.now()
    carrier = _carrier(for_carrier)
    batch = batch_id or _open(actor, wanted)
    name, body = batches.address_sheet(
        actor, batch, carrier=carrier, template_id=_template(actor, template), now=moment
    )  # fmt: skip
    path = (output / name) if output and output.is_dir() else (output or Path(name))
    desk.put(path, body)
    count = sum(desk.counts(actor, batch).values())
    answer = {"batch": batch, "rows": count, "file": str(path), "carrier": carrier}
    desk.tell(as_json, answer, say(f"批次 {batch}：{count} 单，{path}", f"batch {batch}: {count} orders, {path}"))


def _carrier(text: str) -> str:
    from fahuo.rules.carriers import find

    known = find(text)
    if known is None:
        raise Refusal.of("carrier_unknown", carrier=text)
    return known.code


def _open(actor: Any, wanted: filters.OrderFilter) -> int:
    from fahuo.services import batches
    from fahuo.store import boards

    ids = boards.matching_ids(actor.shop_id, wanted, now=desk.now())
    if not ids:
        raise Refusal.of("nothing_matches")
    return batches.open_shipments(actor, order_ids=ids, now=desk.now())


def _template(actor: Any, name: str | None) -> int | None:
    from fahuo.store.models import SheetTemplate

    if name is None:
        return None
    found = SheetTemplate.objects.filter(shop_id=actor.shop_id, purpose="address", name=name).first()
    if found is None:
        raise Refusal.of("template_unknown")
    return int(found.id)
