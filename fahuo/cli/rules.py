"""fahuo rules: the rule books, and new versions from a file to their force."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from fahuo.cli import desk
from fahuo.cli.language import language, say
from fahuo.cli.session import ready

PLATFORMS = click.Choice(["taobao", "tmall"])
of_platform = click.option("--platform", type=PLATFORMS, default="taobao", show_default=True)
of_shop = click.option("--shop", default="", help="Only one shop's own book.")
the_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("rules")
def command() -> None:
    """规则版本。Rule books and their versions."""


def _read(file: Path) -> str:
    from fahuo.rules.problems import Refusal

    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal.of("policy_malformed", detail="UTF-8") from error


def _shop(code: str) -> int | None:
    return desk.desk(code).shop_id if code else None


def _who() -> Any:
    from fahuo.rules.people import PlatformActor

    return PlatformActor("command line")


def _local(at: datetime | None, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if at else "-"


@command.command("list")
@of_platform
@of_shop
@desk.json_option
def list_versions(platform: str, shop: str, as_json: bool) -> None:
    """The versions of a book, oldest first, and what is scheduled."""
    ready()
    from fahuo.services import rulebooks

    shop_id = _shop(shop)
    book, rows = rulebooks.of_shop(shop_id) if shop_id else rulebooks.of_platform(platform)
    ids = {row.name: row.id for row in rows if row.withdrawn_at is None}
    found = [
        {"version": each.id, "from": _local(each.start, book.zone), "to": _local(each.end, book.zone),
         "basis": each.basis, "source": each.source, "addition": ids.get(each.id)} for each in book.versions
    ]  # fmt: skip
    lines = [f"{one['from']:<16}  {one['to']:<16}  {one['version']:<28} {one['addition'] or ''}" for one in found]
    others = [
        {"addition": row.id, "name": row.name, "from": _local(row.starts_at, book.zone),
         "withdrawn": _local(row.withdrawn_at, book.zone)} for row in rows if row.name not in {v.id for v in book.versions}
    ]  # fmt: skip
    lines += [f"{one['from']:<16}  {one['name']:<28} {one['addition']}  {one['withdrawn']}" for one in others]
    desk.tell(as_json, {"versions": found, "others": others}, *lines)


@command.command("show")
@click.argument("version")
@of_platform
@of_shop
@desk.json_option
def show(version: str, platform: str, shop: str, as_json: bool) -> None:
    """Every value of a version, with its basis and source."""
    ready()
    from fahuo.rules import rulebooks as rules
    from fahuo.rules.problems import Refusal
    from fahuo.services import rulebooks

    shop_id = _shop(shop)
    book = (rulebooks.of_shop(shop_id) if shop_id else rulebooks.of_platform(platform))[0]
    one = next((each for each in book.versions if each.id == version), None)
    if one is None:
        raise Refusal.of("rulebook_unknown")
    told = rules.values(one)
    found = [{"path": v.path, "value": v.text, "basis": v.basis, "source": v.source} for v in told]
    desk.tell(
        as_json, {"version": version, "values": found},
        *(f"{value.name(language())}: {value.text}  [{value.basis}] {value.source}" for value in told),
    )  # fmt: skip


def _checked(file: Path, platform: str, shop: str, now: datetime) -> Any:
    from fahuo.services import rulebooks

    return rulebooks.check(_who(), _read(file), platform=platform, shop_id=_shop(shop), now=now)


@command.command("check")
@the_file
@of_platform
@of_shop
@desk.json_option
def check(file: Path, platform: str, shop: str, as_json: bool) -> None:
    """Check a file and say what it changes; nothing is scheduled."""
    ready()
    from fahuo.rules import rulebooks as rules

    added = _checked(file, platform, shop, desk.now()).addition
    changed = rules.changes(added.before, added.version) if added.version else []
    at = _local(added.starts_at, added.book.zone)
    document = {
        "name": added.name, "from": added.starts_at.isoformat(), "overrides": added.overrides, "clauses": added.clauses,
        "changes": [{"path": one.path, "before": one.before and one.before.text, "after": one.after and one.after.text}
                    for one in changed],
    }  # fmt: skip
    desk.tell(
        as_json, document, say(f"{added.name} 可以安排，{at} 生效", f"{added.name} may be scheduled, from {at}"),
        *(f"  {one.name(language())}: {one.before.text if one.before else '-'} → {one.after.text if one.after else '-'}"
          for one in changed),
    )  # fmt: skip


@command.command("replay")
@the_file
@of_platform
@of_shop
@desk.json_option
def replay(file: Path, platform: str, shop: str, as_json: bool) -> None:
    """Ask the orders of the last 30 days what they would have come to under a file."""
    ready()
    from fahuo.services import rulebooks

    now = desk.now()
    found = rulebooks.replay(_checked(file, platform, shop, now), now=now)
    pairs = {
        "late": found.lates, "tasks": found.tasks, "compensation": (found.before.cost, found.after.cost),
        "points": (found.before.points, found.after.points), "if_all_complained": (found.before.risk, found.after.risk),
    }  # fmt: skip
    rows = [
        {"shop": row.order.code, "order": row.order.number, "late": [row.before.late, row.after.late],
         "deadline": [row.before.deadline, row.after.deadline]} for row in found.rows
    ]  # fmt: skip
    document = {"orders": found.orders, "more": found.more, "differ": found.differ, **pairs, "rows": rows}
    words = {
        "late": say("超时订单", "late orders"), "tasks": say("催发货成任务", "urges that make tasks"),
        "compensation": say("已判赔付", "compensation so far"), "points": say("已判扣分", "points so far"),
        "if_all_complained": say("超时都被投诉要赔", "if every late order complained"),
    }  # fmt: skip
    desk.tell(
        as_json, document, say(f"试算 {found.orders} 单，{found.differ} 单不同", f"{found.orders} orders, {found.differ} differ"),
        *(f"  {words[name]}: {before} → {after}" for name, (before, after) in pairs.items()),
    )  # fmt: skip


@command.command("schedule")
@the_file
@of_platform
@of_shop
@desk.json_option
def schedule(file: Path, platform: str, shop: str, as_json: bool) -> None:
    """Let what a file says take force at its time."""
    ready()
    from fahuo.services import rulebooks

    made = rulebooks.schedule(_who(), _read(file), platform=platform, shop_id=_shop(shop), now=desk.now())
    desk.tell(as_json, {"addition": made}, say(f"已安排，编号 {made}", f"scheduled, number {made}"))


@command.command("withdraw")
@click.argument("addition", type=int)
def withdraw(addition: int) -> None:
    """Take back what was scheduled, before it takes force."""
    ready()
    from fahuo.services import rulebooks

    done = rulebooks.withdraw(_who(), addition, now=desk.now())
    click.echo(say("已撤回", "withdrawn") if done else say("之前已经撤回", "withdrawn before"))
