"""fahuo import: order files of the marketplace, into the shop."""

from pathlib import Path
from typing import Any

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.cli.session import ready


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@desk.shop_option
@click.option("--dry-run", is_flag=True, help="Check every row and write nothing.")
@click.option("--map", "columns", multiple=True, metavar="HEADING=FIELD", help="What a column of an unknown sheet means; kept.")  # fmt: skip
@click.option("--problems", type=click.Path(dir_okay=False, path_type=Path), help="Where to put the bad rows (xlsx).")
@desk.json_option
def command(
    files: tuple[Path, ...], shop_code: str | None, dry_run: bool, columns: tuple[str, ...], problems: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Import order lists and line lists (csv, xlsx, xls). Good rows go in; bad rows come back by row and column.

    Exit status 0: every row is good; 1: some rows are bad, the good ones are in; 2: a file cannot be used.
    """
    ready()
    actor = desk.desk(shop_code)
    mapping = dict(_pair(text) for text in columns)
    with desk.unusable():
        answers = [_take_in(actor, path, dry_run, mapping) for path in files]
    bad = sum(answer["bad"] for answer in answers)
    lines = [_line(path, answer) for path, answer in zip(files, answers, strict=True)]
    if bad and problems:
        lines += _problem_sheets(actor, answers, problems)
    desk.tell(as_json, {"files": answers}, *lines)
    raise SystemExit(1 if bad else 0)


def _pair(text: str) -> tuple[str, str]:
    heading, sign, field = text.partition("=")
    if not sign:
        raise click.BadParameter(f"{text}: HEADING=FIELD", param_hint="--map")
    return heading.strip(), field.strip()


def _take_in(actor: Any, path: Path, dry_run: bool, columns: dict[str, str]) -> dict[str, Any]:
    from fahuo.rules.problems import Refusal
    from fahuo.services import batches

    batch_id = batches.open_import(actor, name=path.name, body=desk.read(path), now=desk.now())
    try:
        batch = desk.work(actor, batch_id, path.name)
    except Refusal as refusal:
        if not columns or refusal.problems[0].code != "unknown_sheet":
            raise
        batches.map_columns(actor, batch_id, columns, now=desk.now())
        batch = desk.work(actor, batch_id, path.name)
    counts = desk.counts(actor, batch_id)
    if not dry_run:
        batches.commit(actor, batch_id, now=desk.now())
        batch = desk.work(actor, batch_id, path.name)
    return {"file": path.name, **desk.verdicts(batch), "verdicts": counts}


def _line(path: Path, answer: dict[str, Any]) -> str:
    counts = ", ".join(f"{verdict} {count}" for verdict, count in answer["verdicts"].items())
    return say(
        f"{path.name}：共 {answer['rows']} 行（{counts}），批次 {answer['batch']} {answer['status']}",
        f"{path.name}: {answer['rows']} rows ({counts}); batch {answer['batch']} {answer['status']}",
    )


def _problem_sheets(actor: Any, answers: list[dict[str, Any]], target: Path) -> list[str]:
    """One sheet for one file; beside it, numbered by batch, where several files have bad rows."""
    from fahuo.services import batches

    hurt = [answer for answer in answers if answer["bad"]]
    lines = []
    for answer in hurt:
        path = target if len(hurt) == 1 else target.with_stem(f"{target.stem}-{answer['batch']}")
        desk.put(path, batches.problems_sheet(actor, answer["batch"])[1])
        lines.append(say(f"{answer['bad']} 行有问题，见 {path}", f"{answer['bad']} bad rows: {path}"))
    return lines
