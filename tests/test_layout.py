"""The house keeps its shape: small files, short functions, floors in order."""

import ast
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for path in (ROOT / "fahuo").rglob("*.py") if "/migrations/" not in str(path))
PAGES = sorted(path for ending in ("*.html", "*.js") for path in (ROOT / "fahuo" / "web").rglob(ending))


def _offenders(sources: list[Path], wrong: Callable[[str], list[str]]) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {what}" for path in sources for what in wrong(path.read_text("utf-8"))]


def test_no_file_grows_into_a_god_file() -> None:
    def wrong(text: str) -> list[str]:
        lines = len(text.splitlines())
        return [f"{lines} lines"] if lines > 400 else []

    assert _offenders([*SOURCES, *PAGES], wrong) == []


def test_functions_stay_short() -> None:
    def wrong(text: str) -> list[str]:
        return [
            f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno is not None
            and node.end_lineno - node.lineno + 1 > 50
        ]

    assert _offenders(SOURCES, wrong) == []


def test_no_code_below_the_door_reads_the_wall_clock() -> None:
    below = [
        path for path in SOURCES if path.parent.name != "cli" and path != ROOT / "fahuo" / "services" / "moment.py"
    ]
    clocks = ("datetime.now(", "timezone.now(", "date.today(")
    assert _offenders(below, lambda text: [clock for clock in clocks if clock in text]) == []
