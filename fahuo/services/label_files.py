"""Labels as a file, without a printer: which labels of these orders may be written, and what stands in the others' way."""

from collections.abc import Sequence
from datetime import datetime

from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import label_plans
from fahuo.services import labels as verbs
from fahuo.services.labels import Made
from fahuo.store import batches, labels


def orders_of_batch(actor: Actor, batch_id: int) -> list[int]:
    """The orders of a batch, row by row. Refusal `batch_unknown`."""
    actor.require("view_labels")
    if batches.find(actor.shop_id, batch_id) is None:
        raise Refusal.of("batch_unknown", batch=batch_id)
    return labels.orders_of_batch(actor.shop_id, batch_id)


def chosen(
    actor: Actor, order_ids: Sequence[int], *, now: datetime, make: bool = False
) -> tuple[list[int], list[Problem]]:
    """The labels of these orders in their order, each once, without those that are blocked; and why the others are not.

    `make`: an order without a label gets one, and its number. Nothing counts as printed. Problems: `label_missing`, what
    `labels.make` and `why_blocked` say.
    """
    actor.require("make_labels" if make else "view_labels")
    problems: list[Problem] = []
    found: list[int] = []
    if make:
        for outcome in verbs.make(actor, order_ids, now=now):
            if isinstance(outcome, Made):
                found.append(outcome.label_id)
            else:
                problems.append(outcome)
    else:
        facts = {row.id: row for row in labels.order_facts(actor.shop_id, list(dict.fromkeys(order_ids)))}
        for order in (facts[order_id] for order_id in dict.fromkeys(order_ids) if order_id in facts):
            if order.label_id is None:
                problems.append(Problem("label_missing", {"order": order.number}))
            else:
                found.append(order.label_id)
    blocked = label_plans.blocked(actor.shop_id, found)
    problems += [blocked[label_id] for label_id in dict.fromkeys(found) if label_id in blocked]
    return [label_id for label_id in dict.fromkeys(found) if label_id not in blocked], problems
