"""The channels that carry reminders out of the house: set up, tried and dropped by whoever they belong to.

An account sets up its own; the shop's are set up by who configures the shop. Secrets go in and never come out again.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from fahuo.connectors.notify.addresses import inside
from fahuo.rules.notices import KINDS, PASTED, Field
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.store import channels, deliveries, journal

MOST: Final = 10
"""Channels of one account, and of the shop."""
NAME: Final = 40
LONGEST: Final = 500
MAIL: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,60}")
HOST: Final = re.compile(r"[A-Za-z0-9.:_-]{1,253}|\[[0-9A-Fa-f:.]+\]")
TOKEN: Final = re.compile(r"[\x21-\x7e]+")


def _wrong(code: str, field: Field) -> Refusal:
    return Refusal.of(code, field=field.zh, field_en=field.en)


def _host(field: Field, host: str) -> None:
    if not HOST.fullmatch(host):
        raise _wrong("channel_field", field)
    if inside(host) and not settings.NOTIFY_PRIVATE:
        raise _wrong("channel_private", field)


def _web(field: Field, text: str) -> None:
    """Refusal unless the text is an address of the web that may be reached."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _wrong("channel_address", field) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or port == 0:
        raise _wrong("channel_address", field)
    if not text.isascii() or re.search(r"[\s\"<>\\]", text):
        raise _wrong("channel_address", field)
    _host(field, parts.hostname)


def _value(kind: str, field: Field, text: str) -> str:
    """A field as it is kept. Refusals `channel_field`, `channel_address`, `channel_private`."""
    text = text.strip()
    if kind in PASTED and field.name == "token" and "://" in text:
        found = re.search(PASTED[kind], text)
        text = found[1] if found else ""
    if field.choices:
        text = text or field.choices[0]
    good = not (field.required and not text) and len(text) <= LONGEST and text.isprintable()
    if not good or field.choices and text not in field.choices:
        raise _wrong("channel_field", field)
    if not text:
        return ""
    if field.name in ("address", "gateway"):
        _web(field, text)
    elif field.name == "host":
        _host(field, text)
    elif field.name in ("to", "sender"):
        good = bool(MAIL.fullmatch(text))
    elif field.name == "port":
        good = text.isascii() and text.isdigit() and 0 < int(text) < 65536
    elif field.secret and field.name != "password":
        good = bool(TOKEN.fullmatch(text))
    if not good:
        raise _wrong("channel_field", field)
    return text


def _settings(kind: str, given: Mapping[str, str], kept: Mapping[str, str] | None = None) -> dict[str, str]:
    """The fields of a channel as they are kept; a secret that is not given stays as it was."""
    found = {}
    for field in KINDS[kind].fields:
        text = given.get(field.name, "")
        if field.secret and not text.strip() and kept:
            text = kept.get(field.name, "")
        if value := _value(kind, field, text):
            found[field.name] = value
    return found


def _owner(actor: Actor, *, of_shop: bool) -> int | None:
    """Whose the channel is; Refusal `not_permitted` for who may not set up such a one."""
    actor.require("configure_shop" if of_shop else "view_tasks")
    return None if of_shop else actor.member_id


def mine(actor: Actor, channel_id: int) -> Any:
    """A channel that the actor may change. Another account's is as if it were not there: Refusal `channel_unknown`."""
    row = channels.one(actor.shop_id, channel_id)
    if row is None or row.member_id not in (None, actor.member_id):
        raise Refusal.of("channel_unknown")
    _owner(actor, of_shop=row.member_id is None)
    return row


def _noted(actor: Actor, act: str, channel_id: int, now: datetime, **what: object) -> None:
    journal.append(actor, act, [journal.Moved(after={"channel": channel_id, **what})], now=now)


def _name(kind: str, name: str) -> str:
    return " ".join(name.replace("\0", "").split())[:NAME] or KINDS[kind].zh


def add(actor: Actor, *, kind: str, name: str, fields: Mapping[str, str], of_shop: bool, now: datetime) -> int:
    """Set up a channel, of the actor's account or of the shop; its id.

    Refusals: `not_permitted`, `channel_kind`, `channel_too_many`, and what is wrong with a field: `channel_field`,
    `channel_address`, `channel_private`.
    """
    member_id = _owner(actor, of_shop=of_shop)
    if kind not in KINDS:
        raise Refusal.of("channel_kind")
    kept = _settings(kind, fields)
    with transaction.atomic():
        if channels.count(actor.shop_id, member_id) >= MOST:
            raise Refusal.of("channel_too_many", most=MOST)
        name = _name(kind, name)
        channel_id = channels.add(actor.shop_id, member_id, kind=kind, name=name, settings=kept, now=now)
        _noted(actor, "channels.added", channel_id, now, kind=kind, name=name, of_shop=of_shop)
    return channel_id


def change(
    actor: Actor, channel_id: int, *, name: str, fields: Mapping[str, str], active: bool, now: datetime
) -> None:  # fmt: skip
    """Change a channel. A secret that is left empty stays. Refusals as for `add`, and `channel_unknown`."""
    row = mine(actor, channel_id)
    kept = _settings(row.kind, fields, row.settings)
    name = _name(row.kind, name)
    with transaction.atomic():
        channels.change(actor.shop_id, channel_id, name=name, settings=kept, active=active)
        changed = sorted(key for key in {*kept, *row.settings} if kept.get(key) != row.settings.get(key))
        _noted(actor, "channels.changed", channel_id, now, name=name, active=active, fields=changed)


def drop(actor: Actor, channel_id: int, *, now: datetime) -> None:
    """Delete a channel with everything that waits to be sent to it. Refusals `channel_unknown`, `not_permitted`."""
    row = mine(actor, channel_id)
    with transaction.atomic():
        channels.drop(actor.shop_id, channel_id)
        _noted(actor, "channels.dropped", channel_id, now, kind=row.kind, name=row.name)


def try_out(actor: Actor, channel_id: int, *, now: datetime) -> int:
    """Send a trial to a channel, by the way that every message goes; the message's id."""
    mine(actor, channel_id)
    with transaction.atomic():
        return deliveries.add_trial(actor.shop_id, channel_id, now=now)
