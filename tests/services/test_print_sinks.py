"""What `fahuo labels` writes and what a printer gets are the same bytes: a raw socket sink and an IPP sink say so."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fahuo.cli import desk
from fahuo.cli.labels import command as labels_command
from fahuo.cli.printers import command as printers_command
from fahuo.printing.printers import PrinterSpec
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import batches, print_jobs, print_work
from fahuo.services import labels as verbs
from fahuo.services.labels import Made
from fahuo.store.models import Label, Order, Printer, PrintJob, Receiver, Shop
from tests.conftest import NOW
from tests.printing import pictures, readers
from tests.printing.machines import Machine
from tests.printing.test_ipp import Sink, sink, spec
from tests.receivers import give_receiver
from tests.services.labelling import stocked
from tests.services.presses import make_printer
from tests.services.shipping import make_order, order_number

__all__ = ["sink", "spec"]
pytestmark = pytest.mark.django_db
COUNT = 4


@dataclass
class Desk:
    owner: Actor
    orders: list[int]
    labels: list[int]


@pytest.fixture
def at(owner: Actor, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """COUNT labels, the first with a long rare name; commands act now as the tests' now."""
    settings.PRINTER_NETWORKS = (ip_network("127.0.0.0/8"),)
    monkeypatch.setattr(desk, "now", lambda: NOW)
    Shop.objects.filter(id=owner.shop_id).update(sender_name="兰草", sender_address="浙江省杭州市西湖区样例路8号")
    stocked(owner, COUNT + 2)
    orders = [make_order(owner.shop_id, n, now=NOW, quantities=(2, 1), memo="轻放") for n in range(COUNT)]
    Receiver.objects.filter(shop_id=owner.shop_id, order_id=orders[0]).delete()
    give_receiver(owner.shop_id, orders[0], name="欧阳㙍䶮", phone="17000000001", address="云上新城" * 12)
    made = verbs.make(owner, orders, now=NOW)
    return Desk(owner, orders, [each.label_id for each in made if isinstance(each, Made)])


def call(*words: str, command: Any = labels_command) -> Result:
    return CliRunner().invoke(command, list(words), catch_exceptions=False)


def written(path: Path, *words: str) -> bytes:
    done = call("--shop", "lan", "-o", str(path), *words)
    assert done.exit_code == 0, done.output
    return path.read_bytes()


def printed(at: Desk, printer: Printer) -> None:
    """A worker prints all labels at this moment."""

    def moment() -> datetime:
        return NOW

    print_jobs.make(at.owner, at.labels, printer_id=printer.id, now=NOW)
    assert print_work.run_due(at.owner.shop_id, moment=moment) == 1
    assert PrintJob.objects.get(shop_id=at.owner.shop_id).status == "done"


@pytest.mark.parametrize(("language", "dpi"), [("zpl", 203), ("tspl", 300), ("cpcl", 203)])
def test_a_raw_socket_gets_what_the_command_writes(at: Desk, tmp_path: Path, language: str, dpi: int) -> None:
    numbers = tmp_path / "orders.txt"
    numbers.write_text("\n".join(order_number(n) for n in range(COUNT)), "utf-8")
    body = written(tmp_path / "labels", "--orders", str(numbers), "--format", language, "--dpi", str(dpi))
    assert set(Label.objects.filter(shop_id=at.owner.shop_id).values_list("state", flat=True)) == {"made"}
    with Machine(language, seconds=0.01) as machine:
        printed(at, make_printer(at.owner.shop_id, host="127.0.0.1", port=machine.port, language=language, dpi=dpi))
        assert len(machine.printed) == COUNT
    assert bytes(machine.took) == body
    if language == "tspl":
        codes = [dict(pictures.codes(image)).get("Code 128") for image in readers.tspl(body, dpi)]
        assert codes == list(
            Label.objects.filter(shop_id=at.owner.shop_id).order_by("id").values_list("waybill", flat=True)
        )


@pytest.mark.parametrize("language", ["zpl", "pdf"])
def test_an_ipp_printer_gets_what_the_command_writes(
    at: Desk, sink: Sink, spec: PrinterSpec, tmp_path: Path, language: str
) -> None:
    batch = batches.open_shipments(at.owner, order_ids=at.orders, now=NOW)
    each = [
        written(tmp_path / f"{n}", "--orders", _one(tmp_path, n), "--format", language) for n in range(COUNT)
    ]  # fmt: skip
    whole = written(tmp_path / "all", "--batch", str(batch), "--format", language)
    printed(
        at,
        make_printer(at.owner.shop_id, kind="ipp", host=spec.host, port=spec.port, path=spec.path, language=language),
    )
    bodies = [body for _, body in sink.jobs]
    assert bodies == each
    assert language == "pdf" or b"".join(bodies) == whole


def _one(folder: Path, n: int) -> str:
    path = folder / f"order-{n}.csv"
    path.write_text(f"订单编号,备注\n{order_number(n)},x\n", "utf-8")
    return str(path)


def test_what_is_left_out_is_named(at: Desk, tmp_path: Path) -> None:
    Order.objects.filter(shop_id=at.owner.shop_id, id=at.orders[1]).update(refund_status="requested")
    extra = make_order(at.owner.shop_id, 50, now=NOW)
    numbers = tmp_path / "orders.txt"
    numbers.write_text("\n".join(map(order_number, (0, 1, 50, 99))), "utf-8")
    done = call("--shop", "lan", "--orders", str(numbers), "--format", "zpl", "-o", str(tmp_path / "a"))
    assert done.exit_code == 1
    assert "1 张面单" in done.output
    for words in ("没有这个订单", "还没有面单", "正在退款中"):
        assert words in done.output
    assert not Label.objects.filter(shop_id=at.owner.shop_id, waybill="75330000000505").exists()
    made = call("--shop", "lan", "--orders", str(numbers), "--make", "--json", "-o", str(tmp_path / "b"))
    assert '"labels": 2' in made.output
    assert Label.objects.filter(shop_id=at.owner.shop_id, waybill="75330000000505").exists()
    assert extra
    for words, code in ((("--batch", "1"), "batch_unknown"), ((), "labels_which")):
        with pytest.raises(Refusal, match=code):
            call("--shop", "lan", "-o", str(tmp_path / "c"), *words)


def test_the_size_that_was_asked_for(at: Desk, tmp_path: Path) -> None:
    wide = written(tmp_path / "wide", "--orders", _one(tmp_path, 0), "--format", "tspl", "--size", "100x150")
    assert b"SIZE 100 mm,150 mm" in wide
    assert b"SIZE 76 mm,130 mm" in written(tmp_path / "own", "--orders", _one(tmp_path, 0), "--format", "tspl")


def test_printers_from_the_command_line(at: Desk, tmp_path: Path) -> None:
    with Machine("zpl", seconds=0.01) as machine:
        make_printer(at.owner.shop_id, "一号", host="127.0.0.1", port=machine.port)
        make_printer(at.owner.shop_id, "前台", kind="browser", language="pdf", acknowledge="person")
        listed = call("--shop", "lan", command=printers_command)
        assert "一号" in listed.output
        assert "未试" in listed.output
        tested = call("--shop", "lan", "test", "一号", command=printers_command)
        assert (tested.exit_code, len(machine.printed)) == (0, 1)
        path = tmp_path / "labels.zpl"
        body = written(path, "--orders", _one(tmp_path, 0), "--format", "zpl")
        assert call("--shop", "lan", "--json", "send", "一号", str(path), command=printers_command).exit_code == 0
        assert machine.printed[-1] == body
        machine.load(0)
        failed = call("--shop", "lan", "test", "一号", command=printers_command)
        assert (failed.exit_code, "缺纸" in failed.output) == (1, True)
        assert "缺纸" in call("--shop", "lan", command=printers_command).output
    for words, code in ((("test", "前台"), "printer_by_page"), (("test", "没有"), "printer_unknown")):
        with pytest.raises(Refusal, match=code):
            call("--shop", "lan", *words, command=printers_command)
