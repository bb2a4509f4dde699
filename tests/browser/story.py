"""Small words for long stories: what a person at the desk does again and again."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, Page, expect

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.connectors.sheet.writer import write_xlsx

Rows = list[dict[str, str]]


def read(download: Download) -> Rows:
    """A sheet that the browser downloaded, row by row under its headings."""
    sheet = open_sheet(download.suggested_filename, Path(download.path()).read_bytes())
    return [dict(zip(sheet.header, row.cells, strict=False)) for row in sheet.rows()]


def sheet(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """The rows as a workbook at `path`."""
    header = list(rows[0])
    path.write_bytes(write_xlsx(header, [[row[heading] for heading in header] for row in rows]))
    return path


def fetched(page: Page, button: str, role: Any = "button") -> Download:
    """What comes down when the button is pressed."""
    with page.expect_download() as waited:
        page.get_by_role(role, name=button).click()
    return waited.value


def upload(page: Page, path: Path, *, within: str = "form[data-upload]") -> None:
    """Choose the file, send it, and be on the page that comes of it."""
    form = page.locator(within)
    form.locator("input[type=file]").set_input_files(path)
    with page.expect_navigation():
        form.locator("[data-upload-send]").click()


def number_in(text: str) -> int:
    """The first whole number of a sentence."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


def heading(page: Page, pattern: str) -> str:
    """Wait for a heading that fits; what it says."""
    found = page.get_by_role("heading", name=re.compile(pattern)).first
    expect(found).to_be_visible(timeout=20_000)
    return found.inner_text()


def said(page: Page, words: str) -> None:
    """The toast says so."""
    expect(page.locator("#toasts")).to_contain_text(words)
