"""fahuo buyer: people who sign in as buyers, and under which name their orders stand at a shop."""

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready


@click.group("buyer")
def command() -> None:
    """买家账号。Buyers' accounts."""


@command.command("add")
@click.argument("shop")
@click.argument("username")
@click.argument("name")
@click.option("--existing", is_flag=True, help="The person can sign in already.")
@desk.json_option
def add(shop: str, username: str, name: str, existing: bool, as_json: bool) -> None:
    """Let a person see and urge the orders of buyer NAME at SHOP; a new password is made here and shown once."""
    ready()
    from django.db import transaction

    from fahuo.services import buyers, people

    password = None if existing else people.new_password()
    with transaction.atomic():
        if password is not None:
            people.new_person(username, password)
        made = buyers.add(shop, username, name=name, now=desk.now())
    lines = [say(f"{username} 可以看到并催促 {name} 的订单", f"{username} sees and may urge the orders of {name}")]
    if password:
        lines.append(say(f"密码 {password}（只显示这一次）", f"password {password} (shown only now)"))
    desk.tell(as_json, {"buyer": made, "account": username, "password": password}, *lines)
