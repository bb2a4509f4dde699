"""Who decides for the platform: named on the command line of the installation, by whoever runs it."""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from fahuo.rules.problems import Refusal
from fahuo.services import people
from fahuo.store import staff


def make_staff(
    username: str, name: str = "", *, password: str | None, must_change: bool = False, new: bool = False, now: datetime
) -> int:
    """Let a person decide for the platform; the id. A `password` makes a new person (`must_change`: it is a first one), None
    takes the one who is there, or with `new` makes one who chooses a password by a link.

    Refusals: `name_length`, `username_taken`, `password_weak`, `username_unknown`.
    """
    called = people.named(name, username[: people.NAME])
    with transaction.atomic():
        if password is None and not new:
            user = get_user_model()._default_manager.filter(username=username).first()
            if user is None:
                raise Refusal.of("username_unknown", name=username[:40])
            user_id = int(user.pk)
        else:
            if password is not None:
                people.check_password(password)
            user_id = people.new_person(username, password, must_change=must_change)
        return staff.add(user_id, called, now=now)


def listed() -> list[Any]:
    """Everybody who decides, or decided, for the platform, those who may now first."""
    return staff.listed()


def remove(username: str) -> None:
    """Take a person's desk away; what they decided keeps their name. Refusal `username_unknown`."""
    with transaction.atomic():
        if not staff.end(username):
            raise Refusal.of("username_unknown", name=username[:40])
