"""Label templates of a shop: started from a standard one, changed as text, one of them the shop's standard."""

from datetime import datetime

from django.db import transaction

from fahuo.rules.labels import Template, read_template
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.store import journal, printers
from fahuo.store.models import LabelTemplate

NAME_MOST = 60


def of_shop(shop_id: int, template_id: int) -> LabelTemplate:
    """One template. Refusal `template_unknown`."""
    found = printers.template(shop_id, template_id)
    if found is None:
        raise Refusal.of("template_unknown")
    return found


def keep(actor: Actor, *, name: str, body: str, now: datetime, template_id: int | None = None) -> int:
    """Add a template, or change one; its id. Labels that are printed from now on look like it.

    Refusals: what `read_template` says of the text, `template_unknown`, `template_name_missing`, `template_name_taken`.
    """
    actor.require("manage_printers")
    name = " ".join(name.split())[:NAME_MOST]
    if not name:
        raise Refusal.of("template_name_missing")
    read: Template = read_template(body)
    with transaction.atomic():
        if template_id is not None:
            of_shop(actor.shop_id, template_id)
        kept = printers.keep_template(actor.shop_id, template_id, name=name, size=read.size, body=body, now=now)
        if kept is None:
            raise Refusal.of("template_name_taken", name=name)
        journal.append(actor, "shop.changed", [journal.Moved(after={"label_template": name})], now=now)
    return kept


def set_standard(actor: Actor, template_id: int | None, *, now: datetime) -> None:
    """Make a template the shop's standard; None: the standard 76x130 is. Safe to repeat. Refusal `template_unknown`."""
    actor.require("manage_printers")
    with transaction.atomic():
        if template_id is not None:
            of_shop(actor.shop_id, template_id)
        if printers.set_standard(actor.shop_id, template_id):
            told = journal.Moved(after={"standard_template": template_id})
            journal.append(actor, "shop.changed", [told], now=now)


def drop(actor: Actor, template_id: int, *, now: datetime) -> None:
    """Forget a template: contracts that named it take the shop's standard. Safe to repeat."""
    actor.require("manage_printers")
    with transaction.atomic():
        if printers.drop_template(actor.shop_id, template_id):
            told = journal.Moved(before={"label_template": template_id})
            journal.append(actor, "shop.changed", [told], now=now)
