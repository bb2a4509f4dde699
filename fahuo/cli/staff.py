"""fahuo staff: who decides for the platform. Their passwords are typed in, or made here and shown once; none is default."""

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.people import tell_link
from fahuo.cli.session import ready


@click.group("staff")
def command() -> None:
    """平台人员。The platform's staff."""


@command.command("add")
@click.argument("username")
@click.argument("name", required=False, default="")
@click.option("--existing", is_flag=True, help="The person can sign in already.")
@click.option("--link", is_flag=True, help="Make a link by which the person chooses a password.")
@click.option("--make-password", is_flag=True, help="Make a password and show it once instead of asking for one.")
@desk.json_option
def add(username: str, name: str, existing: bool, link: bool, make_password: bool, as_json: bool) -> None:
    """Let a person decide for the platform; asks for a password twice."""
    ready()
    from fahuo.services import invitations, people, staff

    password: str | None = None
    if not existing and not link:
        password = people.new_password() if make_password else _ask()
    now = desk.now()
    staff.make_staff(username, name, password=password, must_change=make_password, new=link, now=now)
    if link:
        tell_link(username, invitations.open_for(username, now=now), as_json)
        return
    shown = password if make_password else None
    lines = [say(f"{username} 现在可以登录，进入平台工作台", f"{username} may enter the platform's desk now")]
    if shown:
        lines.append(say(f"密码 {shown}（只显示这一次）", f"password {shown} (shown only now)"))
    desk.tell(as_json, {"staff": username, "password": shown}, *lines)


@command.command("list")
@desk.json_option
def list_staff(as_json: bool) -> None:
    """Everybody who decides, or decided, for the platform."""
    ready()
    from fahuo.services import staff

    found = [
        {"account": row.username, "name": row.name, "state": "active" if row.active else "closed"}
        for row in staff.listed()
    ]
    desk.tell(as_json, {"staff": found}, *(f"{one['account']:<20} {one['state']:<8} {one['name']}" for one in found))


@command.command("remove")
@click.argument("username")
def remove(username: str) -> None:
    """Take a person's desk away at once; their verdicts keep their name."""
    ready()
    from fahuo.services import staff

    staff.remove(username)


def _ask() -> str:
    word: str = click.prompt(say("密码", "Password"), hide_input=True, confirmation_prompt=True)
    return word
