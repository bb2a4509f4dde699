"""fahuo shop and fahuo account: shops, and who may sign in to them."""

from typing import Any

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready
from fahuo.rules.people import PERMISSIONS
from fahuo.rules.problems import Refusal


@click.group("shop")
def shop() -> None:
    """店铺。Shops."""


@shop.command("create")
@click.argument("code")
@click.argument("name")
@click.option("--owner", required=True, help="User name of the main account.")
@click.option("--platform", type=click.Choice(["taobao", "tmall"]), default="taobao", show_default=True)
@click.option("--existing", is_flag=True, help="The owner has an account already, at another shop.")
@click.option(
    "--tasks-here", is_flag=True, help="Late urges raise platform tasks here, not at a marketplace elsewhere."
)
@desk.json_option
def create(
    code: str, name: str, owner: str, platform: str, existing: bool, tasks_here: bool, as_json: bool
) -> None:  # fmt: skip
    """Create a shop and its main account; the password is made here and shown once."""
    ready()
    from fahuo.services import people

    password = None if existing else people.new_password()
    people.create_shop(
        code,
        name,
        owner=owner,
        password=password,
        platform=platform,
        tasks_here=tasks_here,
        must_change=True,
        now=desk.now(),
    )
    answer = {"shop": code, "owner": owner, "password": password}
    desk.tell(as_json, answer, say(f"店铺 {code} 已建立", f"shop {code} created"), *_password(owner, password))


@shop.command("list")
@desk.json_option
def list_shops(as_json: bool) -> None:
    """The shops of this installation."""
    ready()
    from fahuo.store.models import Shop

    shops = [{"code": s.code, "name": s.name, "platform": s.platform} for s in Shop.objects.order_by("code")]
    desk.tell(as_json, {"shops": shops}, *(f"{s['code']:<20} {s['platform']:<8} {s['name']}" for s in shops))


@click.group("account")
def account() -> None:
    """账号。Accounts of a shop."""


@account.command("add")
@click.argument("username")
@click.argument("name")
@click.option("--link", is_flag=True, help="A link to choose a password by, not a first password.")
@click.option("--permission", "permissions", multiple=True, type=click.Choice(list(PERMISSIONS)), help="May be repeated.")  # fmt: skip
@desk.shop_option
@desk.json_option
def add(
    username: str, name: str, link: bool, permissions: tuple[str, ...], shop_code: str | None, as_json: bool
) -> None:
    """Add a sub-account; its first password is made here and shown once, and is replaced at the first sign-in."""
    ready()
    from fahuo.services import invitations, people

    actor, now = desk.desk(shop_code), desk.now()
    given = None if link else ""
    made, password = people.invite(
        actor, username=username, name=name, permissions=permissions, password=given, now=now
    )  # fmt: skip
    if link:
        tell_link(username, invitations.for_member(actor, made, now=now), as_json)
        return
    desk.tell(as_json, {"account": username, "password": password}, *_password(username, password))


@account.command("list")
@desk.shop_option
@desk.json_option
def list_accounts(shop_code: str | None, as_json: bool) -> None:
    """The accounts of a shop."""
    ready()
    from fahuo.services import people

    found = [_card(row) for row in people.members(desk.desk(shop_code))]
    lines = [f"{a['account']:<20} {a['state']:<8} {', '.join(a['permissions'])}" for a in found]
    desk.tell(as_json, {"accounts": found}, *lines)


@account.command("deactivate")
@click.argument("username")
@desk.shop_option
def deactivate(username: str, shop_code: str | None) -> None:
    """Close the shop to a sub-account at once."""
    ready()
    from fahuo.services import people

    actor = desk.desk(shop_code)
    people.deactivate(actor, _member(actor, username), now=desk.now())


@account.command("password")
@click.argument("username")
@desk.shop_option
@desk.json_option
def password(username: str, shop_code: str | None, as_json: bool) -> None:
    """Give a sub-account a new password, shown once; its sessions end."""
    ready()
    from fahuo.services import people

    actor = desk.desk(shop_code)
    made = people.reset_password(actor, _member(actor, username), now=desk.now())
    desk.tell(as_json, {"account": username, "password": made}, *_password(username, made))


@account.command("link")
@click.argument("username")
@desk.shop_option
@desk.json_option
def link(username: str, shop_code: str | None, as_json: bool) -> None:
    """A link by which a sub-account chooses a password; shown once, good once."""
    ready()
    from fahuo.services import invitations

    actor = desk.desk(shop_code)
    tell_link(username, invitations.for_member(actor, _member(actor, username), now=desk.now()), as_json)


@account.command("factors-off")
@click.argument("username")
def factors_off(username: str) -> None:
    """Take anybody's second factors away (a main account that lost its phone); the sessions end."""
    ready()
    from fahuo.services import factors

    factors.take_away(username, now=desk.now())


def tell_link(username: str, token: str, as_json: bool) -> None:
    """Say a link: its path, which stands behind the address of this installation."""
    from django.conf import settings
    from django.urls import reverse

    path = reverse("invitation", kwargs={"token": token})
    host = settings.ALLOWED_HOSTS[0]
    address = f"https://{host}{path}" if settings.HTTPS and not host.startswith(".") else path
    desk.tell(as_json, {"account": username, "link": address}, say(f"账号 {username}，设置密码的链接 {address}（只显示这一次）", f"account {username}, link to set a password {address} (shown only now)"))  # fmt: skip


def _password(username: str, made: str | None) -> list[str]:
    return [say(f"账号 {username}，密码 {made}（只显示这一次）", f"account {username}, password {made} (shown only now)")] if made else []  # fmt: skip


def _card(row: Any) -> dict[str, Any]:
    state = "owner" if row.is_owner else "active" if row.active else "closed"
    return {"account": row.username, "name": row.name, "state": state, "permissions": list(row.permissions)}


def _member(actor: Any, username: str) -> int:
    from fahuo.services import people

    for row in people.members(actor):
        if row.username == username:
            return int(row.id)
    raise Refusal.of("username_unknown", name=username)
