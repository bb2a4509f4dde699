"""fahuo simulate: play scenario files through the real services on a virtual clock, and check what they expect."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from fahuo.cli import desk, story_words
from fahuo.cli.language import language, say
from fahuo.cli.session import ready
from fahuo.rules import policy, scenarios
from fahuo.rules.scenarios import Scenario, ScenarioError

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the shops that scenarios tell of; times are printed in it."""


@click.command("simulate")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--rulebook", type=click.Choice(policy.platforms()), help="Play under this rule book instead of the file's.")  # fmt: skip
@desk.json_option
@click.option("--explain", is_flag=True, help="Tell everything that happened, and why.")
def command(files: tuple[Path, ...], rulebook: str | None, as_json: bool, explain: bool) -> None:
    """Play each FILE, a scenario in TOML, and say whether everything came as it expects. Leaves nothing behind.

    Exit status 0: all expectations hold; 1: some differ; 2: a file or an option is wrong.
    """
    told = _read(files)
    ready()
    from fahuo.services.simulation.play import play_all

    played = play_all((scenario, rulebook or scenario.rulebook) for scenario in told)
    differ = sum(bool(one.differences) for one in played)
    if as_json:
        pairs = zip(files, played, strict=True)
        summary = {"scenarios": len(played), "ok": len(played) - differ, "differ": differ}
        desk.tell(True, {"scenarios": [_document(file, one) for file, one in pairs], "summary": summary})
    else:
        for file, one in zip(files, played, strict=True):
            click.echo(_line(file, one))
            if explain:
                for line in story_words.lines(one, language(), ZONE):
                    click.echo(f"  {line}")
        total, good = len(played), len(played) - differ
        click.echo(
            say(f"{total} 个场景：{good} 个相符，{differ} 个不符", f"{total} scenarios: {good} ok, {differ} differ")
        )
    raise SystemExit(1 if differ else 0)


def _read(files: tuple[Path, ...]) -> list[Scenario]:
    """The stories of all files. One that is none is told in one line each; then exit status 2, and nothing is played."""
    found = []
    wrong = False
    for file in files:
        try:
            found.append(scenarios.parse(file.read_bytes().decode("utf-8-sig")))
        except ScenarioError as error:
            click.echo(f"{file}: {error.problems[0].sentence(language())}", err=True)
            wrong = True
        except UnicodeDecodeError:
            click.echo(say(f"{file}：不是 UTF-8 编码的文字", f"{file}: not a text in UTF-8"), err=True)
            wrong = True
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            click.echo(say(f"{file}：读不了（{why}）", f"{file}: cannot be read ({why})"), err=True)
            wrong = True
    if wrong:
        raise SystemExit(2)
    return found


def _line(file: Path, played: Any) -> str:
    """`ok`, or whatever differed: scenario, time, order, key, expected, got."""
    title = " ".join(played.scenario.title.split())
    if not played.differences:
        return f"ok {file}: {title}"
    return f"differs {file}: {title}: " + "; ".join(_difference(each) for each in played.differences)


def _difference(each: Any) -> str:
    whom = ("staff " if each.of_staff else "order ") + each.order
    return f"{_plain(each.at)} {whom} {each.key}: expected {_text(each.expected)}, got {_text(each.got)}"


def _text(value: Any) -> str:
    found = _plain(value)
    return str(found).lower() if isinstance(found, bool) else "none" if found is None else str(found)


def _plain(value: Any) -> Any:
    """A value as JSON holds it; an instant in the zone of the stories."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def _document(file: Path, played: Any) -> dict[str, Any]:
    return {
        "file": str(file),
        "scenario": played.scenario.title,
        "rulebook": played.rulebook,
        "ok": not played.differences,
        "differences": [
            {
                "scenario": played.scenario.title, "at": _plain(each.at), "staff" if each.of_staff else "order": each.order,
                "key": each.key, "expected": _plain(each.expected), "got": _plain(each.got),
            }
            for each in played.differences
        ],
        "timeline": [_entry(each) for each in played.entries],
    }  # fmt: skip


def _entry(entry: Any) -> dict[str, Any]:
    """An entry as JSON; `order` where it is of one, `orders` where of several."""
    whom: dict[str, Any] = {"order": entry.orders[0]} if len(entry.orders) == 1 else {}
    if len(entry.orders) > 1:
        whom = {"orders": list(entry.orders)}
    return {
        "at": _plain(entry.at), "what": entry.what, **whom, "clause": entry.clause, "rulebook": entry.rulebook,
        **{name: _plain(value) for name, value in entry.data.items()},
        **({"zh": entry.words[0], "en": entry.words[1]} if entry.words[0] else {}),
    }  # fmt: skip
