"""fahuo buyer: people who sign in as buyers, and under which name their orders stand at a shop."""

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.people import tell_link
from fahuo.cli.session import ready


@click.group("buyer")
def command() -> None:
    """买家账号。Buyers' accounts."""


@command.command("add")
@click.argument("shop")
@click.argument("username")
@click.argument("name")
@click.option("--existing", is_flag=True, help="The person can sign in already.")
@click.option("--link", is_flag=True, help="A link to choose a password by, not a first password.")
@desk.json_option
def add(shop: str, username: str, name: str, existing: bool, link: bool, as_json: bool) -> None:
    """Let a person see and urge the orders of buyer NAME at SHOP; a new password is made here and shown once."""
    ready()
    from django.db import transaction

    from fahuo.services import buyers, invitations, people

    password = None if existing or link else people.new_password()
    now = desk.now()
    with transaction.atomic():
        if not existing:
            people.new_person(username, password, must_change=True)
        made = buyers.add(shop, username, name=name, now=now)
        token = invitations.open_for(username, now=now) if link and not existing else ""
    if token:
        tell_link(username, token, as_json)
        return
    lines = [say(f"{username} 可以看到并催促 {name} 的订单", f"{username} sees and may urge the orders of {name}")]
    if password:
        lines.append(say(f"密码 {password}（只显示这一次）", f"password {password} (shown only now)"))
    desk.tell(as_json, {"buyer": made, "account": username, "password": password}, *lines)
