"""fahuo printers: list the shop's printers, test one, send a file to one."""

from pathlib import Path
from typing import Any

import click

from fahuo.cli import desk
from fahuo.cli.language import language, say
from fahuo.cli.printer_address import address_options, try_address
from fahuo.cli.session import ready
from fahuo.rules.problems import Problem, Refusal


@click.group("printers", invoke_without_command=True)
@desk.shop_option
@address_options
@desk.json_option
@click.pass_context
def command(
    context: click.Context, shop_code: str | None, address: str | None, kind: str, path: str, tongue: str, dpi: str,
    size: str, label: bool, as_json: bool,
) -> None:  # fmt: skip
    """List the shop's printers, how they are, and what waits for them; or try one by its address, which must stand in a
    network of FAHUO_PRINTER_NETWORKS. `test` and `send` are for a printer of the shop.

    \b
    fahuo printers --shop lancao
    fahuo printers --shop lancao test 打包台一号机
    fahuo printers --shop lancao send 打包台一号机 labels.zpl
    fahuo printers --test 192.168.1.9
    fahuo printers --test 192.168.1.9 --language tspl --label
    fahuo printers --test cups.lan --kind ipp --path /printers/labels --language pdf
    """
    if address is not None:
        try_address(address, kind, path, tongue, dpi, size, label, as_json)
        return
    ready()
    context.obj = (desk.desk(shop_code), as_json)
    if context.invoked_subcommand is None:
        _list(*context.obj)


def _list(actor: Any, as_json: bool) -> None:
    from fahuo.store.boards.printers import listed

    rows = listed(actor.shop_id, now=desk.now())
    lines = []
    for row in rows:
        problem = _problem(row.problem)
        state = (
            problem.sentence(language()) if problem else say("正常", "fine") if row.seen_at else say("未试", "untried")
        )
        place = f"{row.host}:{row.port}{row.path}" if row.host else "-"
        off = say("（已停用）", " (not in use)") if not row.active else ""
        waiting = say(f"{row.jobs} 个任务 {row.ahead} 张", f"{row.jobs} jobs, {row.ahead} labels")
        lines.append(f"{row.name}{off}  {row.kind}  {place}  {row.language}  {row.dpi} dpi  {waiting}  {state}")
    desk.tell(
        as_json,
        {"printers": [
            {"id": row.id, "name": row.name, "kind": row.kind, "host": row.host, "port": row.port, "path": row.path,
             "language": row.language, "dpi": row.dpi, "acknowledge": row.acknowledge, "active": row.active,
             "problem": row.problem, "seen_at": row.seen_at, "jobs": row.jobs, "labels_ahead": row.ahead}
            for row in rows
        ]},
        *(lines or [say("还没有打印机", "There are no printers yet")]),
    )  # fmt: skip


def _problem(kept: Any) -> Problem | None:
    return Problem(kept["code"], kept.get("data", {})) if kept else None


def _find(actor: Any, name: str) -> int:
    """A printer by name or id. Refusal `printer_unknown`."""
    from fahuo.store.boards.printers import listed

    for row in listed(actor.shop_id, now=desk.now()):
        if name in (row.name, str(row.id)):
            return int(row.id)
    raise Refusal.of("printer_unknown")


def _tell(as_json: bool, name: str, problem: Problem | None) -> None:
    answer = {"printer": name, "problem": problem.as_dict() if problem else None}
    said = problem.sentence(language()) if problem else say("已打印", "printed")
    desk.tell(as_json, answer, f"{name}: {said}")
    raise SystemExit(1 if problem else 0)


@command.command("test")
@click.argument("printer")
@click.pass_obj
def test(found: tuple[Any, bool], printer: str) -> None:
    """Print one sample label at once; exit status 1 with what is wrong."""
    from fahuo.samples.labels import sample_label
    from fahuo.services import printers

    actor, as_json = found
    problem = printers.test(actor, _find(actor, printer), sample_label("ZTO", 1), now=desk.now())
    _tell(as_json, printer, problem)


@command.command("send")
@click.argument("printer")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def send(found: tuple[Any, bool], printer: str, file: Path) -> None:
    """Send a file, as it is, to a printer that no job is printing on; exit status 1 with what is wrong."""
    from fahuo.services import printers

    actor, as_json = found
    problem = printers.send(actor, _find(actor, printer), desk.read(file), name=file.name, now=desk.now())
    _tell(as_json, printer, problem)
