"""`fahuo labels` for orders of a shop: which labels, their pages, what is left out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fahuo.cli import desk
from fahuo.cli.labels import put_pages
from fahuo.cli.language import language, say
from fahuo.cli.session import ready
from fahuo.printing import Page
from fahuo.rules.labels import Template
from fahuo.rules.problems import Problem, Refusal

SHEETS = (".xlsx", ".xls", ".csv")
NAMED = 20
"""Labels that are left out and named, at most; --json names all."""


def write_orders(
    shop_code: str | None, orders_file: Path | None, batch_id: int | None, make: bool, template: Template | None,
    form: str, dpi: int, output: Path, as_json: bool,
) -> None:  # fmt: skip
    """Write the labels of orders to a file; exits 1 when some were left out. Refusals of what is asked for."""
    if orders_file is not None and batch_id is not None:
        raise Refusal.of("labels_which")
    ready()
    from fahuo.services import label_files, page_printing

    actor = desk.desk(shop_code)
    problems: list[Problem] = []
    if batch_id is not None:
        order_ids = label_files.orders_of_batch(actor, batch_id)
    else:
        order_ids, problems = _orders(actor, orders_file or Path())
    if not order_ids:
        raise Refusal(*(problems or [Problem("no_orders_chosen")]))
    now = desk.now()
    label_ids, wrong = label_files.chosen(actor, order_ids, make=make, now=now)
    problems += wrong
    if not label_ids:
        raise Refusal(*problems[:NAMED])
    pages: Iterator[Page] = page_printing.pages_of(actor.shop_id, label_ids, now=now, template=template)
    count = put_pages(pages, form, dpi, output)
    told = [problem.sentence(language()) for problem in problems[:NAMED]]
    if len(problems) > NAMED:
        told.append(say(f"……另有 {len(problems) - NAMED} 个", f"… and {len(problems) - NAMED} more"))
    desk.tell(
        as_json,
        {
            "file": str(output), "format": form, "dpi": dpi, "labels": count, "left_out": len(problems),
            "problems": [problem.as_dict() for problem in problems],
        },
        say(f"{output}：{count} 张面单", f"{output}: {count} labels"), *told,
    )  # fmt: skip
    raise SystemExit(1 if problems else 0)


def _orders(actor: Any, path: Path) -> tuple[list[int], list[Problem]]:
    """The orders that a file names, and the numbers that the shop does not have."""
    from fahuo.services import reports

    body = desk.read(path)
    if path.suffix.lower() in SHEETS:
        numbers = reports.numbers_in(path.name, body)
    else:
        numbers = reports.split_numbers(body.decode("utf-8-sig", "replace"))
    known = reports.orders_named(actor.shop_id, numbers)
    unknown = [Problem("order_unknown", {"order": number[:40]}) for number in numbers if number not in known]
    return [known[number] for number in numbers if number in known], unknown
