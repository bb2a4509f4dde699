"""fahuo ship: many orders at once, by a sheet of waybill numbers or by a run of consecutive ones."""

from pathlib import Path
from typing import Any

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready


@click.command("ship")
@click.argument("sheet", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@desk.shop_option
@click.option("--batch", "batch_id", type=int, help="Fill this batch (see `fahuo export`); left out, the sheet opens one.")  # fmt: skip
@click.option("--carrier", default="", help="The carrier, by code or name, where the sheet names none.")
@click.option("--first-number", help="Take consecutive numbers from this one on, in the batch's order.")
@click.option("--last-number", help="The last number of the range that was bought.")
@click.option("--dry-run", is_flag=True, help="Check every row and ship nothing.")
@click.option("--problems", type=click.Path(dir_okay=False, path_type=Path), help="Where to put the bad rows (xlsx).")
@desk.json_option
def command(
    sheet: Path | None, shop_code: str | None, batch_id: int | None, carrier: str, first_number: str | None,
    last_number: str | None, dry_run: bool, problems: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Ship the orders of SHEET (order number, carrier, waybill number), or a batch by --first-number.

    Exit status 0: every row shipped; 1: some rows are bad, the good ones are shipped; 2: nothing can be used.
    """
    _one_way(sheet, batch_id, first_number, carrier)
    ready()
    actor = desk.desk(shop_code)
    with desk.unusable():
        batch_id = _fill(actor, sheet, batch_id, carrier, first_number, last_number)
        batch = desk.work(actor, batch_id, say("预检", "check"))
    if not dry_run:
        batch = _commit(actor, batch_id)
    counts = desk.counts(actor, batch_id)
    answer = {**desk.verdicts(batch), "verdicts": counts}
    told = ", ".join(f"{verdict} {count}" for verdict, count in counts.items())
    lines = [say(f"批次 {batch_id}: {told}", f"batch {batch_id}: {told}")]
    if batch.bad_count and problems:
        from fahuo.services import batches

        desk.put(problems, batches.problems_sheet(actor, batch_id)[1])
        lines.append(say(f"{batch.bad_count} 行有问题，见 {problems}", f"{batch.bad_count} bad rows: {problems}"))
    desk.tell(as_json, answer, *lines)
    raise SystemExit(1 if batch.bad_count else 0)


def _one_way(sheet: Path | None, batch_id: int | None, first_number: str | None, carrier: str) -> None:
    if (sheet is None) == (first_number is None):
        raise click.UsageError("Give a SHEET, or --batch with --first-number.")
    if first_number is not None and (batch_id is None or not carrier):
        raise click.UsageError("--first-number needs --batch and --carrier.")


def _fill(
    actor: Any, sheet: Path | None, batch_id: int | None, carrier: str, first: str | None, last: str | None
) -> int:  # fmt: skip
    from fahuo.rules.carriers import find
    from fahuo.rules.problems import Refusal
    from fahuo.services import batches

    known = find(carrier) if carrier else None
    if carrier and known is None:
        raise Refusal.of("carrier_unknown", carrier=carrier)
    code = known.code if known else ""
    if sheet is None:
        if batch_id is None or first is None:
            raise click.UsageError("--first-number needs --batch.")
        batches.fill_from_run(actor, batch_id, carrier=code, first=first, last=last, now=desk.now())
        return batch_id
    body = desk.read(sheet)
    if batch_id is None:
        return batches.open_shipments_sheet(actor, name=sheet.name, body=body, carrier=code, now=desk.now())
    batches.fill_from_sheet(actor, batch_id, name=sheet.name, body=body, carrier=code, now=desk.now())
    return batch_id


def _commit(actor: Any, batch_id: int) -> Any:
    from fahuo.services import batches

    batches.commit(actor, batch_id, now=desk.now())
    return desk.work(actor, batch_id, say("发货", "ship"))
