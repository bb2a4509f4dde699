"""fahuo stock: the waybill numbers that a shop bought ahead, contract by contract, and buying more."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready
from fahuo.rules.problems import Refusal

contract_option = click.option("--contract", metavar="NAME", help="One contract, by its name or id.")


@click.group("stock", invoke_without_command=True)
@desk.shop_option
@contract_option
@desk.json_option
@click.pass_context
def command(context: click.Context, shop_code: str | None, contract: str | None, as_json: bool) -> None:
    """List what is left of each contract's waybill numbers, and how long it lasts at the present pace."""
    if context.invoked_subcommand is not None:
        return
    ready()
    actor = desk.desk(shop_code)
    only = None if contract is None else _contract(actor, contract).id
    found = [_document(actor, each) for each in _outlooks(actor) if only in (None, each.contract_id)]
    desk.tell(as_json, {"contracts": found}, *(_line(row) for row in found))


def _outlooks(actor: Any) -> list[Any]:
    from fahuo.services import settings
    from fahuo.store.boards import stock

    now = desk.now()
    zone = ZoneInfo(settings.shop_data(actor.shop_id).time_zone)
    today = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    return stock.outlooks(actor.shop_id, today=today, now=now, active=False)


def _document(actor: Any, each: Any) -> dict[str, Any]:
    from fahuo.store.boards import stock

    totals, lasts = stock.totals(actor.shop_id, each.contract_id), each.outlook.lasts
    return {
        "contract": each.name, "id": each.contract_id, "carrier": each.carrier, "left": each.outlook.left,
        "today": each.today, "per_day": each.outlook.pace and round(each.outlook.pace.per_day, 2),
        "lasts_hours": None if lasts is None else round(lasts.total_seconds() / 3600, 1), "short": each.outlook.short,
        "states": dict(totals.states), "bought": totals.bought, "lost": totals.lost,
    }  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    hours = row["lasts_hours"]
    lasts = say("不知道够用多久", "nobody knows how long it lasts")
    if hours is not None:
        lasts = say(f"还够 {hours / 24:.1f} 天", f"lasts {hours / 24:.1f} days")
    short = say("，快用完了", ", running short") if row["short"] else ""
    left = say(f"剩 {row['left']} 个", f"{row['left']} left")
    states = " ".join(f"{state} {count}" for state, count in row["states"].items() if count)
    return f"{row['contract']}: {left}, {lasts}{short} ({states})"


@command.command("buy")
@desk.shop_option
@click.option("--contract", metavar="NAME", required=True, help="The contract, by its name or id.")
@click.argument("sheet", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--first", metavar="NUMBER", help="The first number of a run.")
@click.option("--count", type=click.IntRange(1), help="How many numbers the run has.")
@click.option(
    "--last", metavar="NUMBER", help="The last number of the run, instead of --count or to be checked with it."
)
@click.option("--price", default="0", show_default=True, help="CNY a number.")
@click.option("--on", "bought_on", metavar="DATE", help="When it was bought (2026-11-11); left out, today.")
@click.option("--note", default="")
@click.option("--problems", type=click.Path(dir_okay=False, path_type=Path), help="Where to put the bad rows of a sheet (xlsx).")  # fmt: skip
@desk.json_option
def buy(
    shop_code: str | None, contract: str, sheet: Path | None, first: str | None, count: int | None, last: str | None,
    price: str, bought_on: str | None, note: str, problems: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Put bought numbers into stock: a run by --first and --count or --last, or those of SHEET (column 运单号).

    Exit status 0: all are in stock; 1: some rows of the sheet are bad, the good ones are in; 2: nothing can be used.
    """
    if (sheet is None) == (first is None):
        raise click.UsageError("Give --first (with --count or --last), or a SHEET.")
    ready()
    from fahuo.services import stock

    with desk.unusable():
        actor = desk.desk(shop_code)
        found = _contract(actor, contract)
        terms = stock.Terms(_price(price), _day(actor, bought_on), note)
        if sheet is not None:
            batch = _sheet(actor, found.id, terms, sheet)
        else:
            bought = stock.buy_run(
                actor, found.id, terms, first=str(first), count=count, last=last or "", now=desk.now()
            )  # fmt: skip
            said = say(
                f"“{found.name}”入库 {bought.count} 个单号", f"{bought.count} numbers are in stock of {found.name}"
            )
            desk.tell(as_json, {"contract": found.name, "lot": bought.lot_id, "count": bought.count}, said)
            return
    lines = [say(f"“{found.name}”入库 {batch.done_count} 个单号", f"{batch.done_count} numbers are in stock of {found.name}")]  # fmt: skip
    if batch.bad_count:
        lines.append(_refused(actor, batch, problems))
    answer = {
        "contract": found.name,
        "lot": batch.options.get("lot"),
        "count": batch.done_count,
        **desk.verdicts(batch),
    }
    desk.tell(as_json, answer, *lines)
    raise SystemExit(1 if batch.bad_count else 0)


def _contract(actor: Any, text: str) -> Any:
    """Raises Refusal `contract_unknown`."""
    from fahuo.store.boards import contracts

    for row in contracts.contracts(actor.shop_id):
        if text in (row.name, str(row.id)):
            return row
    raise Refusal.of("contract_unknown")


def _price(text: str) -> Decimal:
    """Raises Refusal `number_price`."""
    try:
        return Decimal(text.removeprefix("¥"))
    except InvalidOperation:
        raise Refusal.of("number_price", value=text[:20]) from None


def _day(actor: Any, text: str | None) -> date:
    """Raises Refusal `bought_on`."""
    from fahuo.services import settings

    if text is None:
        return desk.now().astimezone(ZoneInfo(settings.shop_data(actor.shop_id).time_zone)).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal.of("bought_on", value=text[:20]) from None


def _sheet(actor: Any, contract_id: int, terms: Any, path: Path) -> Any:
    from fahuo.services import batches, own_sheets

    batch_id = own_sheets.open_numbers_sheet(
        actor, contract_id, terms, name=path.name, body=desk.read(path), now=desk.now()
    )
    batch = desk.work(actor, batch_id, path.name)
    if batch.good_count:
        batches.commit(actor, batch_id, now=desk.now())
        batch = desk.work(actor, batch_id, path.name)
    return batch


def _refused(actor: Any, batch: Any, problems: Path | None) -> str:
    from fahuo.services import batches

    if problems is None:
        return say(
            f"{batch.bad_count} 行有问题（--problems FILE 写出来）", f"{batch.bad_count} bad rows (--problems FILE)"
        )
    desk.put(problems, batches.problems_sheet(actor, batch.id)[1])
    return say(f"{batch.bad_count} 行有问题，见 {problems}", f"{batch.bad_count} bad rows: {problems}")
