"""fahuo keys: the API keys of a shop. A key is shown once, when it is made."""

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready


@click.group("keys")
def command() -> None:
    """店铺软件用的 API 密钥。The API keys of a shop's software."""


@command.command("make")
@desk.shop_option
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="What it may do: tasks, ship, print, export, messages, people, finance.",
)
@click.option("--per-minute", type=int, default=None, help="Calls a minute; the installation's limit when left out.")
@desk.json_option
def make(shop_code: str | None, name: str, scopes: tuple[str, ...], per_minute: int | None, as_json: bool) -> None:
    """Make a key and show it, this once."""
    ready()
    from fahuo.services import keys

    key_id, text = keys.make(desk.desk(shop_code), name=name, scopes=scopes, per_minute=per_minute, now=desk.now())
    desk.tell(
        as_json, {"id": key_id, "key": text}, text,
        say("只显示这一次，请现在就放进你的软件", "Shown only now: put it into your software"),
    )  # fmt: skip


@command.command("list")
@desk.shop_option
@desk.json_option
def list_keys(shop_code: str | None, as_json: bool) -> None:
    """The keys, what they may do, and when they were last used."""
    ready()
    from fahuo.services import keys

    found = [
        {
            "id": row.id, "name": row.name, "hint": f"fahuo_{row.hint}…", "scopes": row.scopes,
            "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None, "revoked": row.revoked_at is not None,
        }
        for row in keys.of_shop(desk.desk(shop_code))
    ]  # fmt: skip
    lines = [
        f"{one['id']:>8} {one['hint']} {'-' if one['revoked'] else '+'} {','.join(one['scopes']):<20} {one['name']}"
        for one in found
    ]
    desk.tell(as_json, {"keys": found}, *lines)


@command.command("revoke")
@desk.shop_option
@click.argument("key_id", type=int)
def revoke(shop_code: str | None, key_id: int) -> None:
    """Revoke a key, at once."""
    ready()
    from fahuo.services import keys

    keys.revoke(desk.desk(shop_code), key_id, now=desk.now())
