"""What a shop keeps: its own data, the sheet templates it made, the columns it mapped; and how a person likes the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules.carriers import CARRIERS
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import name_of
from fahuo.store import journal
from fahuo.store import settings as store

PROMISE = range(1, 15 * 24 + 1)
"""Hours a seller may promise; 15 days is the longest a category allows."""
PURPOSES = ("address", "upload")
FORMATS = ("xlsx", "csv")
MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class ShopData:
    """What a shop may change about itself. `ship_from` is a region code of 6 digits or ""; hours or None for the rule
    book's default; `default_carrier` a carrier code or ""."""

    name: str
    ship_from: str = ""
    promise_hours: int | None = None
    default_carrier: str = ""
    sender_name: str = ""
    sender_phone: str = ""
    sender_address: str = ""


@dataclass(frozen=True, slots=True)
class SheetTemplate:
    """The columns of a table for a carrier or the marketplace: pairs of heading and field."""

    name: str
    purpose: str
    columns: Sequence[tuple[str, str]]
    carrier: str = ""
    format: str = "xlsx"


def keep_person(user_id: int, *, language: str | None = None, theme: str | None = None) -> None:
    """Keep the language or the theme of a person, whatever shop the person serves."""
    store.keep_person(user_id, language=language, theme=theme)


def shop_data(shop_id: int) -> Any:
    """The shop's own row."""
    return store.shop(shop_id)


def _check_shop(data: ShopData) -> list[Problem]:
    problems = []
    if not data.name.strip():
        problems.append(Problem("shop_name_missing"))
    if data.ship_from and not name_of(data.ship_from):
        problems.append(Problem("shop_ship_from", {"value": data.ship_from}))
    if data.promise_hours is not None and data.promise_hours not in PROMISE:
        problems.append(Problem("shop_promise", {"low": PROMISE.start, "high": PROMISE.stop - 1}))
    if data.default_carrier and data.default_carrier not in CARRIERS:
        problems.append(Problem("shop_carrier", {"value": data.default_carrier}))
    return problems


def set_shop(actor: Actor, data: ShopData, *, now: datetime) -> None:
    """Change what the shop says about itself; Refusal with every problem at once. New orders use it from now on."""
    actor.require("configure_shop")
    problems = _check_shop(data)
    if problems:
        raise Refusal(*problems)
    with transaction.atomic():
        before = shop_data(actor.shop_id)
        values = {name: getattr(data, name) for name in ShopData.__slots__}
        store.set_shop(actor.shop_id, **values)
        changed = [name for name, value in values.items() if getattr(before, name) != value]
        if changed:
            journal.append(actor, "shop.changed", [journal.Moved(after={"fields": changed})], now=now)


def set_tasks_here(actor: Actor, here: bool, *, now: datetime) -> bool:
    """Say whether late urges make platform tasks here, or the shop's marketplace keeps its tasks; whether it changed.

    Tasks that are open go on as they are. Refusal `not_permitted`.
    """
    actor.require("configure_shop")
    with transaction.atomic():
        changed = store.set_tasks_here(actor.shop_id, here)
        if changed:
            told = journal.Moved(before={"tasks_here": not here}, after={"tasks_here": here})
            journal.append(actor, "shop.changed", [told], now=now)
    return changed


def sheet_templates(shop_id: int) -> list[Any]:
    """The shop's own templates, by purpose and name."""
    return store.templates(shop_id)


def _check_template(template: SheetTemplate, fields: Sequence[str]) -> None:
    if not template.name.strip():
        raise Refusal.of("template_name_missing")
    if template.purpose not in PURPOSES or template.format not in FORMATS:
        raise Refusal.of("template_shape")
    if not 1 <= len(template.columns) <= MOST_COLUMNS:
        raise Refusal.of("template_columns", most=MOST_COLUMNS)
    for heading, name in template.columns:
        if not heading.strip() or name not in fields:
            raise Refusal.of("template_field", heading=heading or "—", field=name)


def keep_template(
    actor: Actor, template: SheetTemplate, *, fields: Sequence[str], template_id: int | None = None, now: datetime
) -> int:
    """Add a template, or change the one with `template_id`; its id. `fields` are the names a column may carry."""
    actor.require("configure_shop")
    _check_template(template, fields)
    with transaction.atomic():
        kept = store.keep_template(
            actor.shop_id, template_id=template_id, name=template.name.strip(), purpose=template.purpose,
            carrier=template.carrier, columns=template.columns, format=template.format,
        )  # fmt: skip
        if kept is None:
            raise Refusal.of("template_name_taken", name=template.name)
        journal.append(actor, "shop.changed", [journal.Moved(after={"template": template.name})], now=now)
    return kept


def drop_template(actor: Actor, template_id: int, *, now: datetime) -> None:
    """Forget a template; batches that used it keep their files."""
    actor.require("configure_shop")
    with transaction.atomic():
        if store.drop_template(actor.shop_id, template_id):
            journal.append(actor, "shop.changed", [journal.Moved(before={"template": template_id})], now=now)


def column_maps(shop_id: int) -> list[Any]:
    """The column choices kept for unknown sheets, newest first."""
    return store.column_maps(shop_id)


def forget_map(actor: Actor, map_id: int, *, now: datetime) -> None:
    """Forget the columns of one kind of sheet: the next such file asks for them again."""
    actor.require("configure_shop")
    with transaction.atomic():
        if store.drop_map(actor.shop_id, map_id):
            journal.append(actor, "shop.changed", [journal.Moved(before={"column_map": map_id})], now=now)
