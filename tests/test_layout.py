"""The house keeps its shape: small files, short functions, floors in order."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for path in (ROOT / "fahuo").rglob("*.py") if "/migrations/" not in str(path))
PAGES = sorted(path for ending in ("*.html", "*.js") for path in (ROOT / "fahuo" / "web").rglob(ending))


@pytest.mark.parametrize("path", [*SOURCES, *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_grows_into_a_god_file(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_stay_short(path: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 50
    ]
    assert long == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_below_the_door_reads_the_wall_clock(path: Path) -> None:
    if path.parent.name == "cli" or path == ROOT / "fahuo" / "services" / "moment.py":
        return
    text = path.read_text("utf-8")
    assert "datetime.now(" not in text
    assert "timezone.now(" not in text
    assert "date.today(" not in text


def test_imports_only_go_down() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
