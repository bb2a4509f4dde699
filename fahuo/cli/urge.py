"""fahuo urge: what buyers urged at an outside marketplace, one by one or as a sheet."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready

EFFECTS = {
    "task": ("任务已生成", "a task was made"),
    "counted": ("任务多记一次催促", "the open task counts one more"),
    "flagged": ("订单已标记催发货", "the order is marked"),
    "deadline": ("平台截止时间已更新", "the marketplace's deadline was moved"),
    "": ("早已登记过，没有重复", "entered before; nothing changed"),
}
"""What an entry came to, in Chinese and English (rules.entries)."""


@click.command("urge")
@click.argument("shop")
@click.argument("order", required=False)
@click.option("--at", "at", metavar="TIME", help="When the buyer urged, on the shop's clock (2026-11-11 09:30); left out, now.")  # fmt: skip
@click.option("--due", metavar="TIME", help="The deadline that the marketplace shows.")
@click.option("--sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A sheet of order number, 催促时间, 平台截止时间.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Check every row of the sheet and enter nothing.")
@click.option("--problems", type=click.Path(dir_okay=False, path_type=Path), help="Where to put the bad rows (xlsx).")
@desk.json_option
def command(
    shop: str, order: str | None, at: str | None, due: str | None, sheet: Path | None, dry_run: bool,
    problems: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Enter urges of SHOP from an outside marketplace: one of ORDER (its number), or all of --sheet FILE.

    Where the marketplace shows a deadline, the order's task is due then. What was entered before is not entered twice.
    Exit status 0: all done; 1: some rows are bad, the good ones are done; 2: nothing can be used.
    """
    if (order is None) == (sheet is None) or (sheet is not None and (at or due)):
        raise click.UsageError("Give an ORDER (with --at, --due), or --sheet.")
    ready()
    with desk.unusable():
        actor = desk.desk(shop)
        if sheet is None:
            answer = _one(actor, str(order), at, due)
            zh, en = EFFECTS[answer["effect"]]
            desk.tell(as_json, answer, *[say(zh, en), *answer["warnings"]])
            return
        batch_id, batch = _sheet(actor, sheet, dry_run)
    lines = _lines(actor, sheet, batch, problems)
    counts = desk.counts(actor, batch_id)
    desk.tell(as_json, {"file": sheet.name, **desk.verdicts(batch), "verdicts": counts}, *lines)
    raise SystemExit(1 if batch.bad_count else 0)


def _one(actor: Any, order: str, at: str | None, due: str | None) -> dict[str, Any]:
    from fahuo.rules.problems import Problem
    from fahuo.services import settings, urges

    now = desk.now()
    zone = ZoneInfo(settings.shop_data(actor.shop_id).time_zone)
    moment = _moment(at, zone) if at else now
    found = urges.note(actor, order, at=moment, due_at=_moment(due, zone) if due else None, now=now)
    told = [Problem(each["code"], each.get("data") or {}) for each in found.problems]
    return {
        "order": order, "at": urges.whole(moment), "verdict": found.verdict, "effect": found.effect,
        "warnings": [say(each.sentence("zh"), each.sentence("en")) for each in told],
    }  # fmt: skip


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """A time as it is typed, on the shop's clock unless it names its own. Refusal `moment_unreadable`."""
    from fahuo.rules.problems import Refusal

    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refusal.of("moment_unreadable", value=text[:30]) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _sheet(actor: Any, path: Path, dry_run: bool) -> tuple[int, Any]:
    from fahuo.services import batches

    batch_id = batches.open_urges_sheet(actor, name=path.name, body=desk.read(path), now=desk.now())
    batch = desk.work(actor, batch_id, path.name)
    if not dry_run:
        batches.commit(actor, batch_id, now=desk.now())
        batch = desk.work(actor, batch_id, path.name)
    return batch_id, batch


def _lines(actor: Any, path: Path, batch: Any, problems: Path | None) -> list[str]:
    counts = ", ".join(f"{verdict} {count}" for verdict, count in desk.counts(actor, batch.id).items())
    lines = [say(f"{path.name}：{counts}", f"{path.name}: {counts}")]
    if batch.bad_count and problems:
        from fahuo.services import batches

        desk.put(problems, batches.problems_sheet(actor, batch.id)[1])
        lines.append(say(f"{batch.bad_count} 行有问题，见 {problems}", f"{batch.bad_count} bad rows: {problems}"))
    return lines
