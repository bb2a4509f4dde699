"""The TypeScript of docs/api.md: types made of our document by a public tool, and the manual's own program checked by them."""

import json
import re
import subprocess
from pathlib import Path
from typing import Final

from fahuo.api import nouns, openapi
from scripts.setup import CLIENTS_HOME, find_node

assert nouns.LOADED
MANUAL: Final = Path(__file__).parents[2] / "docs" / "api.md"
PACKAGES: Final = CLIENTS_HOME / "packages" / "node_modules"
WRONG: Final = """
await fahuo.GET("/api/v1/orders", { params: { query: { tab: "nowhere" } } });
await fahuo.GET("/api/v1/nothing");
const { data: made } = await fahuo.POST("/api/v1/contracts", { body: { carrier: "ZTO", name: "中通" } });
export const text: string = made!.id;
"""
"""Mistakes that the types must find: a tab and an address that are none, a number taken for a text."""


def test_the_manual_names_the_versions_that_are_tried() -> None:
    pinned = json.loads((MANUAL.parents[1] / "requirements" / "clients" / "package.json").read_text("utf-8"))[
        "dependencies"
    ]
    named = dict(re.findall(r"(openapi-\w+|typescript)@([0-9.]+)", MANUAL.read_text("utf-8")))
    assert named == {name: version for name, version in pinned.items() if name in named}
    assert len(named) == 3


def run(program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(find_node()), str(PACKAGES / program), *arguments], cwd=folder, capture_output=True, text=True, timeout=300
    )


def test_the_manuals_program_is_checked_by_types_made_of_the_document(tmp_path: Path) -> None:
    manual = MANUAL.read_text("utf-8")
    command = re.search(r"npx openapi-typescript@\S+ \S+/openapi.json (.*)", manual)
    program = re.search(r"```ts\n(.*?)```", manual, re.DOTALL)
    assert command
    assert program
    (tmp_path / "openapi.json").write_bytes(openapi.text())
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    made = run("openapi-typescript/bin/cli.js", "openapi.json", *command[1].split(), folder=tmp_path)
    assert made.returncode == 0, made.stderr
    (tmp_path / "good.ts").write_text(program[1] + "\nexport {};\n", "utf-8")
    (tmp_path / "bad.ts").write_text(program[1] + WRONG, "utf-8")
    checked = run(
        "typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "es2022",
        "--moduleResolution", "bundler", "good.ts", "bad.ts", folder=tmp_path,
    )  # fmt: skip
    found = re.findall(r"^(\w+)\.ts\(\d+,\d+\): error", checked.stdout, re.MULTILINE)
    assert found == ["bad"] * 3, checked.stdout
