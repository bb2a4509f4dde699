"""fahuo batch: look at batches, take them back, hand them over, put them away."""

import click

from fahuo.cli import desk
from fahuo.cli.session import ready


@click.group("batch")
def command() -> None:
    """Batches: imports and shipments of many orders."""


@command.command("list")
@desk.shop_option
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
@desk.json_option
def list_batches(shop_code: str | None, limit: int, as_json: bool) -> None:
    """The newest batches."""
    ready()
    from fahuo.store.models import Batch

    actor = desk.desk(shop_code)
    found = list(Batch.objects.filter(shop_id=actor.shop_id).order_by("-id")[:limit])
    answers = [{**desk.verdicts(batch), "kind": batch.kind, "name": batch.name} for batch in found]
    lines = [
        f"{a['batch']:>8}  {a['kind']:<10} {a['status']:<11} rows {a['rows']}, bad {a['bad']}, done {a['done']}  {a['name']}"
        for a in answers
    ]
    desk.tell(as_json, {"batches": answers}, *lines)


def _verb(name: str, words: str) -> None:
    @command.command(name, help=words)
    @click.argument("batch_id", type=int)
    @desk.shop_option
    @desk.json_option
    def act(batch_id: int, shop_code: str | None, as_json: bool) -> None:
        ready()
        from fahuo.services import batches
        from fahuo.store.batches import find

        actor = desk.desk(shop_code)
        getattr(batches, name.replace("-", "_"))(actor, batch_id, now=desk.now())
        batch = find(actor.shop_id, batch_id)
        status = batch.status if batch else ""
        desk.tell(as_json, {"batch": batch_id, "status": status}, f"batch {batch_id}: {status}")


_verb("undo", "Take back what the batch shipped, while it is not handed over.")
_verb("hand-over", "Note that the courier took the parcels.")
_verb("close", "Put the batch away.")
_verb("reopen", "Take the batch out again.")
