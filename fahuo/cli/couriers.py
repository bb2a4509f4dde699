"""fahuo couriers: carriers' couriers who print and ship what a shop hands to their contract."""

from typing import Any

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal


@click.group("couriers")
def command() -> None:
    """快递员账号。Couriers' accounts."""


@command.command("invite")
@click.argument("username")
@click.argument("name")
@click.option("--contract", required=True, help="The contract, by its name or its id.")
@click.option("--phone", default="")
@click.option("--existing", is_flag=True, help="The person can sign in already.")
@desk.shop_option
@desk.json_option
def invite(
    username: str, name: str, contract: str, phone: str, existing: bool, shop_code: str | None, as_json: bool
) -> None:
    """Invite a courier for one contract; a first password is made here, shown once, and replaced at the first sign-in."""
    ready()
    from fahuo.services import couriers

    actor = desk.desk(shop_code)
    made, password = couriers.invite(
        actor, username=username, name=name, phone=phone, contract_id=_contract(actor, contract), existing=existing,
        now=desk.now(),
    )  # fmt: skip
    lines = [say(f"{username} 可以打印、发货交给“{contract}”的订单", f"{username} may print and ship what is handed to {contract}")]  # fmt: skip
    if password:
        lines.append(say(f"密码 {password}（只显示这一次）", f"password {password} (shown only now)"))
    desk.tell(as_json, {"courier": made, "account": username, "password": password or None}, *lines)


@command.command("list")
@desk.shop_option
@desk.json_option
def list_couriers(shop_code: str | None, as_json: bool) -> None:
    """The couriers of a shop, those shut out last."""
    ready()
    from fahuo.services import couriers

    found = [
        {
            "account": row.username, "name": row.name, "contract": row.contract,
            "state": "active" if row.active else "closed",
        }
        for row in couriers.listed(desk.desk(shop_code))
    ]  # fmt: skip
    lines = [f"{one['account']:<24} {one['state']:<8} {one['contract']}  {one['name']}" for one in found]
    desk.tell(as_json, {"couriers": found}, *lines)


@command.command("close")
@click.argument("username")
@desk.shop_option
def close(username: str, shop_code: str | None) -> None:
    """Shut a courier out at his next request; what he did stays in the journal."""
    ready()
    from fahuo.services import couriers

    actor = desk.desk(shop_code)
    couriers.close(actor, _courier(actor, username), now=desk.now())


@command.command("reopen")
@click.argument("username")
@desk.shop_option
def reopen(username: str, shop_code: str | None) -> None:
    """Let a courier in again."""
    ready()
    from fahuo.services import couriers

    actor = desk.desk(shop_code)
    couriers.reopen(actor, _courier(actor, username), now=desk.now())


def _contract(actor: Actor, text: str) -> int:
    from fahuo.store import couriers

    for row in couriers.contracts(actor.shop_id):
        if text in (row.name, str(row.id)):
            return int(row.id)
    raise Refusal.of("contract_not_in_force")


def _courier(actor: Actor, username: str) -> Any:
    from fahuo.services import couriers

    for row in couriers.listed(actor):
        if row.username == username:
            return row.id
    raise Refusal.of("username_unknown", name=username[:40])
