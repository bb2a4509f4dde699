"""fahuo app: apps of the Taobao-compatible gateway, and session keys for accounts."""

from typing import Any

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready
from fahuo.rules.problems import Refusal


@click.group("app")
def command() -> None:
    """淘宝兼容接口的应用。Apps of the Taobao-compatible gateway."""


@command.command("create")
@click.argument("name")
@click.option("--redirect", "redirects", multiple=True, help="Where OAuth2 may send people back to. May be repeated.")
@click.option("--per-second", type=int, default=40, show_default=True, help="Calls of one method a second.")
@click.option("--per-day", type=int, default=1_000_000, show_default=True, help="Calls a day.")
@desk.shop_option
@desk.json_option
def create(
    name: str, redirects: tuple[str, ...], per_second: int, per_day: int, shop_code: str | None, as_json: bool
) -> None:  # fmt: skip
    """Make an app; its secret is shown once."""
    ready()
    from fahuo.services import gateway

    _, key, secret = gateway.register(
        desk.desk(shop_code), name=name, redirect_uris=redirects, per_second=per_second, per_day=per_day, now=desk.now()
    )
    said = say(
        f"App Key {key}，App Secret {secret}（只显示这一次）", f"app key {key}, app secret {secret} (shown only now)"
    )
    desk.tell(as_json, {"app_key": key, "app_secret": secret}, said)


@command.command("session")
@click.argument("key")
@click.argument("username")
@desk.shop_option
@desk.json_option
def session(key: str, username: str, shop_code: str | None, as_json: bool) -> None:
    """A session key with which the app acts for an account; shown once."""
    ready()
    from fahuo.services import gateway

    made = gateway.issue_for(desk.desk(shop_code), key, _member(desk.desk(shop_code), username), now=desk.now())
    said = say(f"Session Key {made.token}（只显示这一次）", f"session key {made.token} (shown only now)")
    desk.tell(
        as_json, {"session": made.token, "refresh_token": made.refresh_token, "until": made.until.isoformat()}, said
    )


@command.command("list")
@desk.shop_option
@desk.json_option
def list_apps(shop_code: str | None, as_json: bool) -> None:
    """The apps of a shop."""
    ready()
    from fahuo.store.boards import gateway as board

    rows = board.apps(desk.desk(shop_code).shop_id, desk.now().date())
    found = [{"app_key": row.key, "name": row.name, "active": row.active, "today": int(row.today)} for row in rows]
    desk.tell(as_json, {"apps": found}, *(f"{a['app_key']:<10} {a['today']:>9} {a['name']}" for a in found))


def _member(actor: Any, username: str) -> int:
    from fahuo.services import people

    for row in people.members(actor):
        if row.username == username and row.active:
            return int(row.id)
    raise Refusal.of("username_unknown", name=username)
