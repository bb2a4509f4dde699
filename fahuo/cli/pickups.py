"""fahuo pickups: today's pickups with what waits for them, and a courier's signature."""

from typing import Any
from zoneinfo import ZoneInfo

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready

STATES = {
    "coming": ("还没来", "to come"), "missed": ("没有交接", "no manifest"), "late": ("过点了还没签收", "past its time"),
    "called": ("已约", "called"), "open": ("清点中", "being listed"), "signed": ("已交接", "signed"),
    "cancelled": ("已取消", "cancelled"),
}  # fmt: skip
"""What a pickup of the day is (services.rounds.State), in Chinese and English."""


@click.command("pickups")
@desk.shop_option
@click.option("--sign", "pickup_id", type=int, metavar="ID", help="The courier signs for this pickup.")
@click.option("--count", type=click.IntRange(1), help="How many parcels he counted.")
@click.option("--courier", help="His name.")
@click.option(
    "--missing", multiple=True, metavar="NUMBER", help="A number of the list that he did not take; repeatable."
)
@desk.json_option
def command(
    shop_code: str | None, pickup_id: int | None, count: int | None, courier: str | None, missing: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """List today's pickups with what waits for them, or (--sign ID --count N --courier NAME) let a courier sign.

    A count that differs from the list is refused with both numbers. Exit status 0: done; 2: refused.
    """
    if (pickup_id is None) != (count is None) or (pickup_id is None) != (courier is None):
        raise click.UsageError("Give --sign, --count and --courier together.")
    ready()
    with desk.unusable():
        actor = desk.desk(shop_code)
        if pickup_id is None or count is None or courier is None:
            answer = _day(actor)
            desk.tell(as_json, answer, *map(_line, answer["pickups"]), _rest(answer))
            return
        answer = _sign(actor, pickup_id, count, courier, missing)
    words = say(f"{answer['count']} 件已交给快递", f"{answer['count']} handed over")
    more = say(f"，其中 {answer['shipped']} 件现在发货", f", {answer['shipped']} of them shipped now")
    desk.tell(as_json, answer, words + (more if answer["shipped"] else ""))


def _day(actor: Any) -> dict[str, Any]:
    from fahuo.services import rounds, settings

    zone = ZoneInfo(settings.shop_data(actor.shop_id).time_zone)
    day = rounds.day(actor.shop_id, now=desk.now())
    return {
        "pickups": [
            {
                "id": one.pickup.id if one.pickup else None, "at": one.at.astimezone(zone).isoformat(timespec="minutes"),
                "contract": one.contract.name, "state": one.state, "packed": one.contract.packed,
                "printed": one.contract.printed, "listed": one.pickup.listed if one.pickup else 0,
                "signed_count": one.pickup.signed_count if one.pickup else None,
                "courier": one.pickup.signed_by if one.pickup else "",
            }
            for one in day.rounds
        ],
        "packed": day.packed, "printed": day.printed, "missed": day.missed, "unscanned": day.unscanned.number,
    }  # fmt: skip


def _line(one: dict[str, Any]) -> str:
    words = say(*STATES[one["state"]])
    head = f"{one['at'][5:16].replace('T', ' ')}  {one['contract']}  {words}" + (f"  #{one['id']}" if one["id"] else "")
    if one["state"] == "signed":
        return say(
            f"{head}  {one['signed_count']} 件 {one['courier']}", f"{head}  {one['signed_count']} {one['courier']}"
        )
    if one["state"] in ("missed", "cancelled"):
        return head
    return head + say(
        f"  已打包 {one['packed']}，打印了没打包 {one['printed']}，单上 {one['listed']}",
        f"  packed {one['packed']}, printed only {one['printed']}, listed {one['listed']}",
    )


def _rest(answer: dict[str, Any]) -> str:
    return say(
        f"没交出去：已打包 {answer['packed']}，打印了没打包 {answer['printed']}；交出去没扫描 {answer['unscanned']}",
        f"here: packed {answer['packed']}, printed only {answer['printed']}; handed over, not scanned {answer['unscanned']}",
    )


def _sign(actor: Any, pickup_id: int, count: int, courier: str, missing: tuple[str, ...]) -> dict[str, Any]:
    from fahuo.rules.pickups import split_numbers
    from fahuo.services import pickups

    done = pickups.sign(
        actor, pickup_id, count=count, courier=courier, missing=split_numbers(" ".join(missing)), now=desk.now()
    )  # fmt: skip
    return {"pickup": pickup_id, "count": done.count, "shipped": done.shipped, "again": done.again}
