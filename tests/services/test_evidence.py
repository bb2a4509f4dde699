"""Evidence: who may put what on record, and when."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from fahuo.rules import evidence as rules
from fahuo.rules.people import Actor
from fahuo.services import complaints, evidence, reports, tasks
from fahuo.store.models import JournalEntry, Upload
from tests.services.aftersales import HOUR, LATE, PLATFORM, buyer, late, paid
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a ticket"


def packed(*names: str) -> bytes:
    body = BytesIO()
    with ZipFile(body, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return body.getvalue()


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        (PDF, ".pdf"), (b"\x89PNG\r\n\x1a\n..", ".png"), (b"\xff\xd8\xff\xe0", ".jpg"), (b"RIFF0000WEBP", ".webp"),
        (packed("xl/workbook.xml"), ".xlsx"), (packed("word/document.xml"), ".docx"), (packed("run.exe"), ""),
        (b"PK\x03\x04 cut short", ""), ("快递没有来".encode(), ".txt"), ("快递没有来".encode("gb18030"), ".txt"),
        (b"MZ\x90\x00", ""), (b" <html><script>", ""), (b"\x00\x01", ""), (b"\xff\xfe\xfd", ""),
    ],
)  # fmt: skip
def test_a_file_is_told_by_its_content(body: bytes, ending: str) -> None:
    assert rules.kind_of(body) == ending


def test_a_file_is_kept_under_a_name_that_says_what_it_is() -> None:
    assert rules.file_name("C:\\凭证\\揽收.JPEG", ".jpg") == "揽收.jpeg"
    assert rules.file_name("../../x.html", ".txt") == "x.txt"
    assert rules.file_name('a"\r\n<b>.pdf', ".pdf") == "ab.pdf"
    assert rules.file_name("", ".png") == "file.png"


def test_all_three_parties_put_evidence_on_record_until_the_verdict(owner: Actor) -> None:
    shop, order = owner.shop_id, paid(owner.shop_id, 1)
    made = complaints.open_by_buyer(buyer(shop), order, kind="delay", now=LATE)
    ours = evidence.add(owner, order_id=order, body="仓库停电", file=("a/电力通知.pdf", PDF), now=LATE)
    evidence.add(buyer(shop), order_id=order, complaint_id=made, body=" 一直没有发货\0 ", now=LATE + HOUR)
    evidence.add(PLATFORM, shop_id=shop, order_id=order, body="已向承运人核实", now=LATE + 2 * HOUR)
    found = evidence.of_complaint(shop, made)
    assert [(row.party, row.body, row.file, row.size) for row in found] == [
        ("seller", "仓库停电", "电力通知.pdf", len(PDF)), ("buyer", "一直没有发货", None, None),
        ("platform", "已向承运人核实", None, None),
    ]  # fmt: skip
    assert evidence.file_of(shop, ours, order_id=order) == ("电力通知.pdf", PDF)
    assert refused(evidence.file_of, shop, ours, order_id=order + 1) == ["evidence_unknown"]
    assert refused(evidence.file_of, shop, found[1].id) == ["evidence_unknown"]
    told = JournalEntry.objects.filter(shop_id=shop, act="evidence.added").order_by("id")
    assert [entry.order_id for entry in told] == [order] * 3
    complaints.adjudicate(PLATFORM, shop, order, verdict="dismissed", now=LATE + 3 * HOUR)
    for who in (owner, buyer(shop)):
        assert refused(evidence.add, who, order_id=order, complaint_id=made, body="还有", now=LATE + 4 * HOUR) == [
            "evidence_closed"
        ]
    assert refused(evidence.add, owner, order_id=order, body="还有", now=LATE + 4 * HOUR) == ["evidence_nothing_open"]


def test_what_the_platform_took_over_without_a_complaint_takes_evidence(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    assert refused(evidence.add, owner, order_id=order, body="洪水", now=LATE) == ["evidence_nothing_open"]
    tasks.reply(owner, order, plan="cannot_ship", reason="force_majeure", now=LATE)
    evidence.add(owner, order_id=order, body="洪水", now=LATE)
    assert [row.complaint_id for row in evidence.of_order(owner.shop_id, order)] == [None]


def test_a_report_takes_evidence_while_it_waits(owner: Actor, teammate: Actor) -> None:
    report = reports.file(owner, name="暴雪", until=LATE + 99 * HOUR, scope="shop", now=LATE)
    evidence.add(owner, report_id=report, body="", file=("停运.txt", "停运通知".encode()), now=LATE)
    assert [row.file for row in evidence.of_report(owner.shop_id, report)] == ["停运.txt"]
    assert refused(evidence.add, teammate, report_id=report, body="x", now=LATE) == ["not_permitted"]
    assert refused(evidence.add, buyer(owner.shop_id), report_id=report, body="x", now=LATE) == ["report_unknown"]
    reports.reject(PLATFORM, owner.shop_id, report, now=LATE + HOUR)
    assert refused(evidence.add, owner, report_id=report, body="x", now=LATE + HOUR) == ["report_answered"]


def test_what_is_wrong_is_refused_and_leaves_nothing(owner: Actor, stranger: Actor) -> None:
    order = late(owner.shop_id, 1)
    complaints.open_by_buyer(buyer(owner.shop_id), order, kind="delay", now=LATE)
    huge = b"%PDF-" + bytes(rules.MOST_BYTES)

    def tries(who: object = owner, body: str = "", file: tuple[str, bytes] | None = None) -> list[str]:
        return refused(evidence.add, who, order_id=order, body=body, file=file, now=LATE)

    assert tries() == ["evidence_empty"]
    assert tries(body="长" * 2001) == ["evidence_too_long"]
    assert tries(file=("a.pdf", b"")) == ["file_empty"]
    assert tries(file=("a.pdf", huge)) == ["file_too_large"]
    assert tries(file=("a.pdf", b"MZ\x90\x00")) == ["evidence_kind"]
    assert tries(buyer(owner.shop_id, "b9"), body="x") == ["order_unknown"]
    assert tries(stranger, body="x") == ["order_unknown"]
    assert refused(evidence.add, owner, order_id=order, complaint_id=order, body="x", now=LATE) == ["order_unknown"]
    for n in range(rules.MOST_PIECES):
        evidence.add(buyer(owner.shop_id), order_id=order, body=str(n), now=LATE + timedelta(seconds=n))
    assert tries(buyer(owner.shop_id), body="x") == ["evidence_too_many"]
    assert not Upload.objects.filter(shop_id=owner.shop_id).exists()
