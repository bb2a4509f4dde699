"""What the seller's commands share: whose desk it is, work with a progress bar, answers for people and machines."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from fahuo.cli.language import complain
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal

shop_option = click.option("--shop", "shop_code", envvar="FAHUO_SHOP", help="The shop's code; may be left out when there is one shop.")  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as one JSON document on standard output.")


def now() -> datetime:
    """The moment at which a command acts."""
    from fahuo.services import moment

    return moment.now()


def desk(shop_code: str | None) -> Actor:
    """Act for a shop with all permissions: whoever may run the command on the server is its main account.

    Raises Refusal `shop_unknown`, or `shop_which` when there are several and none was named.
    """
    from fahuo.store.models import Shop

    if shop_code and not shop_code.isascii():
        raise Refusal.of("shop_unknown", shop=shop_code.encode("utf-8", "replace").decode())
    found = list(Shop.objects.filter(code=shop_code) if shop_code else Shop.objects.order_by("code")[:2])
    if not found:
        raise Refusal.of("shop_unknown", shop=shop_code or "-")
    if len(found) > 1:
        raise Refusal.of("shop_which")
    return Actor(found[0].id, None, "命令行", is_owner=True)


def tell(as_json: bool, answer: dict[str, Any], *lines: str) -> None:
    """Print the answer: the document, or the lines."""
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2, default=str))
    else:
        for line in lines:
            click.echo(line)


def put(path: Path, body: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(body)
    part.replace(path)


def work(actor: Actor, batch_id: int, label: str) -> Any:
    """Do what the batch waits for, with a progress bar on a terminal; the batch as it then stands.

    Raises Refusal with the batch's own problem when the file as a whole cannot be used.
    """
    from fahuo.store.batches import find

    _watched(lambda: finish(actor, batch_id), lambda: _done(actor, batch_id), label)
    batch = find(actor.shop_id, batch_id)
    if batch is None:
        raise Refusal.of("batch_unknown", batch=batch_id)
    if batch.status == "refused" and batch.problem:
        raise Refusal(Problem.kept(batch.problem))
    return batch


def finish(actor: Actor, batch_id: int, *, at: datetime | None = None) -> None:
    """Do the step the batch waits for (as of `at`, else of now), or wait for the clock that took it in hand first."""
    from fahuo.rules.batches import WORK_WAITS
    from fahuo.services import batches
    from fahuo.store.batches import find

    while not batches.work(actor.shop_id, batch_id, now=at or now()):
        batch = find(actor.shop_id, batch_id)
        if batch is None or batch.status not in WORK_WAITS:
            return
        time.sleep(0.1)


def _done(actor: Actor, batch_id: int) -> tuple[int, int]:
    """(rows done, rows in all) of the step in hand; rows in all is 0 while they are still being read."""
    from fahuo.store.batches import find

    batch = find(actor.shop_id, batch_id)
    if batch is None or batch.status != "committing":
        return (batch.row_count if batch else 0), 0
    return batch.done_count, batch.good_count


def _watched(act: Callable[[], object], progress: Callable[[], tuple[int, int]], label: str) -> None:
    if not sys.stderr.isatty():
        act()
        return
    from rich.console import Console
    from rich.progress import Progress

    failed: list[BaseException] = []
    worker = threading.Thread(target=_run, args=(act, failed))
    with Progress(console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task(label, total=None)
        worker.start()
        while worker.is_alive():
            worker.join(0.2)
            done, total = progress()
            bar.update(row, completed=done, total=total or None)
    if failed:
        raise failed[0]


def _run(act: Callable[[], object], failed: list[BaseException]) -> None:
    from django.db import connection

    try:
        act()
    except BaseException as error:
        failed.append(error)
    finally:
        connection.close()


def verdicts(batch: Any) -> dict[str, Any]:
    """A batch in numbers."""
    return {
        "batch": batch.id, "status": batch.status, "rows": batch.row_count, "good": batch.good_count,
        "bad": batch.bad_count, "done": batch.done_count,
    }  # fmt: skip


def counts(actor: Actor, batch_id: int) -> dict[str, int]:
    """Verdict -> how many rows have it; those that none has are left out."""
    from fahuo.store import boards

    detail = boards.batch_detail(actor.shop_id, batch_id)
    return {verdict: count for verdict, count in detail.verdicts.items() if count} if detail else {}


@contextmanager
def unusable() -> Iterator[None]:
    """A refusal in here means that nothing could be used: exit status 2."""
    try:
        yield
    except Refusal as refusal:
        complain(refusal, status=2)


def read(path: Path) -> bytes:
    """A file to be imported, refused before it is read when it is larger than the product takes."""
    from django.conf import settings

    size = path.stat().st_size
    if size > settings.UPLOAD_LIMIT:
        raise Refusal.of("file_too_large", size=size // 2**20, limit=settings.UPLOAD_LIMIT // 2**20)
    return path.read_bytes()
