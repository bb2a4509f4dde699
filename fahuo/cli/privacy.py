"""fahuo privacy: personal data: under which keys it stands, sealing what is left, proof that nothing stands readable."""

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready


@click.group("privacy")
def command() -> None:
    """个人信息：加密、核实、删除、记录。Personal data: how it is kept, seal now, verify, erase, what was erased."""


@command.command("status")
@desk.json_option
def status(as_json: bool) -> None:
    """How far sealing has come in each shop, and under which key."""
    ready()
    from fahuo.services import sealing_rounds

    found = sealing_rounds.progress()
    lines = [
        f"{one['shop']:>8} {one['key']} " + (
            say("已全部加密", "all sealed") if not one["open"]
            else say(f"还在处理 {len(one['open'])} 处：", f"{len(one['open'])} places to go: ") + ", ".join(one["open"])
        )
        for one in found
    ]  # fmt: skip
    desk.tell(as_json, {"shops": found}, *lines)


@command.command("seal")
@desk.json_option
def seal(as_json: bool) -> None:
    """Seal now, to the end, what stands readable or under an older key. May be stopped at any moment, and run again."""
    ready()
    from fahuo.services import moment, sealing_rounds

    counts: dict[str, int] = {}

    def told(place: str, count: int) -> None:
        counts[place] = counts.get(place, 0) + count
        if count and not as_json:
            click.echo(f"{place} {counts[place]:,}", err=True)

    done = sealing_rounds.all_again(moment=moment.now, told=told)
    moved = {place: count for place, count in counts.items() if count}
    desk.tell(
        as_json, {"done": done, "sealed": moved}, *(f"{place:<28} {count:>10,}" for place, count in moved.items()),
        say("已全部加密", "All is sealed") if done else say("另一个进程也在处理，请再运行一次", "Another process is at it too; run again"),
    )  # fmt: skip


@command.command("verify")
@desk.json_option
def verify(as_json: bool) -> None:
    """Read everything that is kept, and say what stands readable, under an unknown key, not found, or not erased.

    Exit code 1 if there is any. Before an old key is taken out of FAHUO_SEALING_KEY, no row may stand under it.
    """
    ready()
    from fahuo.services import moment, sealing_rounds

    report = sealing_rounds.report(now=moment.now())
    keys = [f"{key:<8} {number:>12,}" for key, number in sorted(report["keys"].items())]
    faults = [f"{one['shop']}: {fault}" for one in report["shops"] for fault in one["faults"]]
    last = (
        say("没有发现问题", "Nothing is amiss")
        if not faults
        else say(f"{len(faults)} 处问题", f"{len(faults)} findings")
    )
    desk.tell(as_json, report, say("密钥 行数", "key    rows"), *keys, *faults, last)
    raise click.exceptions.Exit(1 if faults else 0)


@command.command("terms")
@desk.json_option
def terms(as_json: bool) -> None:
    """How long personal data is kept here, and by which rule."""
    ready(tables=False)
    from fahuo.services import erasure

    found = erasure.terms()
    desk.tell(
        as_json, {"stages": found},
        *(f"{one['name']:<9} {one['days']:>5} {say(one['zh'], one['en'])} [{one['basis']}]" for one in found),
    )  # fmt: skip


@command.command("erase")
@desk.shop_option
@click.argument("number")
@click.option("--reason", required=True, help="Who asks for it, and why; kept in the record.")
@desk.json_option
def erase(shop_code: str | None, number: str, reason: str, as_json: bool) -> None:
    """Erase the receiver and the conversation of an order, because its person asks for it."""
    ready()
    from fahuo.services import erasure

    actor = desk.desk(shop_code)
    counts = erasure.erase_number(actor, number, reason=reason, now=desk.now())
    desk.tell(
        as_json, {"order": number, "erased": counts}, *(f"{what:<10} {count:>6,}" for what, count in counts.items() if count)
    )  # fmt: skip


@command.command("records")
@desk.shop_option
@desk.json_option
def records(shop_code: str | None, as_json: bool) -> None:
    """What was erased, or had to stay, newest first."""
    ready()
    from fahuo.services import erasure

    found = [
        {"at": row.at.isoformat(), "kind": row.kind, "stage": row.stage, "outcome": row.outcome, "order": row.number,
         "by": row.actor, "reason": row.reason, "counts": row.counts}
        for row in erasure.records(desk.desk(shop_code))
    ]  # fmt: skip
    lines = [
        f"{one['at'][:16]} {one['outcome']:<7} {one['kind']:<7} {one['stage']:<8} {one['order'] or '':<20} {one['by']} {one['reason']}"
        for one in found
    ]
    desk.tell(as_json, {"records": found}, *lines)
