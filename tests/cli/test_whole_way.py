"""The whole way on the command line: import, list, export, numbers back, mend the bad rows, ship, upload file."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from fahuo.connectors.sheet.writer import write_xlsx
from tests.cli.systems import System

pytestmark = pytest.mark.postgres


def table(path: Path) -> list[list[str]]:
    """The cells of a sheet that a command wrote, as text."""
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_bytes().decode("gb18030"))))
    return [[str(cell) for cell in row] for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One installation with one shop and the sample files; each story below imports what it needs."""
    folder = tmp_path_factory.mktemp("whole-way")
    folder.chmod(0o755)
    found = System(folder)
    with found.serving():
        assert found.call("shop", "create", "lan", "兰草小铺", "--owner", "lan").returncode == 0
        assert found.call("samples", "--orders", "120", "samples").returncode == 0
        yield found


def answer(system: System, *words: str, status: int = 0) -> Any:
    done = system.call(*words, "--json")
    assert done.returncode == status, done.stderr + done.stdout
    return json.loads(done.stdout)


def only(system: System, pattern: str) -> str:
    (found,) = (system.folder / "samples").glob(pattern)
    return str(found)


def test_from_the_export_file_to_the_upload_file(system: System, tmp_path: Path) -> None:
    orders = only(system, "ExportOrderList????????????.xlsx")
    taken = answer(system, "import", orders, only(system, "ExportOrderDetailList????????????.csv"))["files"]
    assert [(one["status"], one["bad"]) for one in taken] == [("committed", 0)] * 2
    assert taken[0]["verdicts"] == {"new": 120}
    again = answer(system, "import", orders)["files"][0]
    assert again["verdicts"] == {"same": 120}

    listed = answer(system, "orders", "--due", "48")
    assert 0 < listed["total"] < 120
    deadlines = [order["deadline"] for order in listed["orders"]]
    assert deadlines == sorted(deadlines)
    assert all("*" in order["receiver"] for order in listed["orders"] if order["receiver"])

    addresses = tmp_path / "addresses.xlsx"
    batch = answer(system, "export", "--due", "48", "--for", "中通", "-o", str(addresses))
    asked = [order["number"] for order in answer(system, "orders", "--due", "48", "--limit", "1000")["orders"]]
    rows = table(addresses)
    place = rows[0].index("订单编号")
    assert [row[place] for row in rows[1:]] == [number for number in asked if number in {r[place] for r in rows}]

    short = system.call(
        "ship", "--batch", str(batch["batch"]), "--carrier", "ZTO", "--first-number", "75330000000001",
        "--last-number", "75330000000003",
    )  # fmt: skip
    assert short.returncode == 2
    assert "75330000000003" in short.stderr

    shipped = answer(
        system, "ship", "--batch", str(batch["batch"]), "--carrier", "中通快递", "--first-number", "75330000000001",
        status=1 if batch["rows"] > len(rows) - 1 else 0,
    )  # fmt: skip
    assert shipped["done"] == shipped["rows"] - shipped["bad"] > 0

    upload = tmp_path / "upload.xlsx"
    answer(system, "upload-file", "--batch", str(batch["batch"]), "-o", str(upload))
    filed = table(upload)[1:]
    assert len(filed) == shipped["done"]
    numbers = [row[-1] for row in filed]
    assert numbers[0] == "75330000000001"
    assert numbers == sorted(set(numbers))

    answer(system, "batch", "undo", str(batch["batch"]))
    assert answer(system, "orders", "--due", "48")["total"] == listed["total"]


def test_bad_rows_come_back_and_go_in_mended(system: System, tmp_path: Path) -> None:
    answer(system, "import", only(system, "ExportOrderList*-2019.xlsx"))
    waiting = [
        order["number"]
        for order in answer(system, "orders", "--limit", "1000")["orders"]
        if order["kind"] == "normal" and order["refund"] == "none"
    ][:4]
    numbers = ["75330000000101", "不是单号", "75330000000101", "75330000000104"]
    sheet, problems = tmp_path / "numbers.xlsx", tmp_path / "problems.xlsx"
    sheet.write_bytes(
        write_xlsx(
            ["订单编号", "物流公司", "运单号"], [[n, "中通快递", w] for n, w in zip(waiting, numbers, strict=True)]
        )
    )
    tried = answer(system, "ship", str(sheet), "--dry-run", status=1)
    assert (tried["good"], tried["bad"], tried["done"]) == (2, 2, 0)
    first = answer(system, "ship", str(sheet), "--problems", str(problems), status=1)
    assert (first["bad"], first["done"]) == (2, 2)
    told = table(problems)
    assert told[0][:4] == ["行号", "问题列", "问题值", "原因"]
    assert [row[0].removesuffix(".0") for row in told[1:]] == ["3", "4"]

    place = told[0].index("运单号")
    for row, number in zip(told[1:], ("75330000000102", "75330000000103"), strict=True):
        row[place] = number
    problems.write_bytes(write_xlsx(told[0], told[1:]))
    second = answer(system, "ship", str(problems))
    assert (second["bad"], second["done"]) == (0, 2)
    repeated = answer(system, "ship", str(sheet), status=1)
    assert repeated["done"] in (0, 2)
    shipped = answer(system, "orders", "--tab", "shipped", "--limit", "1000")["orders"]
    held = [parcel["waybill"] for order in shipped if order["number"] in waiting for parcel in order["parcels"]]
    assert sorted(held) == ["75330000000101", "75330000000102", "75330000000103", "75330000000104"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("import", "samples/dirty-bomb.xlsx"), "unpack"),
        (("import", "samples/dirty-program.xlsx"), ""),
        (("import", "nowhere.xlsx"), "does not exist"),
        (("ship", "--batch", "1"), "SHEET"),
        (("ship", "--batch", "999", "--carrier", "ZTO", "--first-number", "75330000000001"), ""),
        (("orders", "--due", "soon"), "--due"),
        (("export", "--for", "没有这家"), ""),
    ],
)
def test_what_cannot_be_used_is_said_on_standard_error(system: System, words: tuple[str, ...], sentence: str) -> None:
    done = system.call(*words)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
