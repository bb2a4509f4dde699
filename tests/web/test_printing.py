"""Pages about printing: what will happen, what happened, what stands in the way; labels, printers, templates, papers."""

import re
from typing import Any

import pytest
from django.test import Client

from fahuo.rules.labels import standard_text
from fahuo.rules.people import Actor
from fahuo.services import label_templates, labels, page_printing, print_jobs
from fahuo.services.labels import Made
from fahuo.store.models import (
    Label,
    LabelTemplate,
    Order,
    OrderLine,
    PrintDocument,
    Printer,
    PrintJob,
    Sku,
)
from tests.conftest import NOW, Account, make_account
from tests.services.labelling import consistent, labelled, stocked
from tests.services.presses import Clock, Machine, make_printer, work
from tests.services.shipping import make_order
from tests.services.stocks import make_contract
from tests.web.pages import sign_in, text_of

pytestmark = pytest.mark.django_db
BASE = "/s/lan/"


@pytest.fixture
def client(owner_account: Account) -> Client:
    return sign_in(owner_account)


def said(client: Client, path: str, **more: Any) -> str:
    answer = client.get(BASE + path, **more)
    assert answer.status_code == 200, (path, answer.status_code)
    return text_of(answer.content)


def ids(made: list[Any]) -> list[int]:
    return [each.label_id for each in made if isinstance(each, Made)]


def test_what_will_happen_is_told_before_it_does(client: Client, owner: Actor) -> None:
    stocked(owner, 3)
    orders = [make_order(owner.shop_id, n, now=NOW, receiver_key="same" if n > 3 else "") for n in range(1, 7)]
    Order.objects.filter(shop_id=owner.shop_id, id=orders[0]).update(refund_status="requested")
    labels.make(owner, [orders[1]], now=NOW)
    asked = {"ids": ",".join(map(str, orders))}
    told = text_of(client.post(f"{BASE}orders/labels/", asked).content)
    assert "6 个订单" in told
    assert "3 张会打出来" in told
    assert "差 2 个单号，最后 2 张取不到" in told
    assert "正在退款中" in told
    assert "还没有打印机" in told
    assert "取号并打印 3 张" in told
    merged = text_of(client.post(f"{BASE}orders/labels/", {**asked, "merge": "1"}).content)
    assert "差 2" not in merged
    assert "3 张会打出来" in merged
    assert Label.objects.filter(shop_id=owner.shop_id).count() == 1, "looking takes nothing"


def test_made_and_in_line_in_one_go(client: Client, owner: Actor) -> None:
    stocked(owner, 9)
    printer = make_printer(owner.shop_id)
    orders = [make_order(owner.shop_id, n, now=NOW) for n in range(1, 4)]
    asked = {"ids": ",".join(map(str, reversed(orders))), "printer": str(printer.id)}
    answer = client.post(f"{BASE}orders/labels/make/", asked)
    job = PrintJob.objects.get(shop_id=owner.shop_id)
    assert answer.headers["Location"] == f"{BASE}print/{job.id}/"
    places = PrintDocument.objects.filter(shop_id=owner.shop_id).order_by("place").values_list("label_id", flat=True)
    made = {row.order_id: row.label_id for row in _holds(owner)}
    assert list(places) == [made[order] for order in reversed(orders)]
    again = client.post(f"{BASE}orders/labels/make/", asked)
    assert again.status_code == 422
    assert "还在打印任务" in text_of(again.content)
    assert PrintJob.objects.filter(shop_id=owner.shop_id).count() == 1


def _holds(owner: Actor) -> Any:
    from fahuo.store.models import LabelOrder

    return LabelOrder.objects.filter(shop_id=owner.shop_id)


def test_numbers_only(client: Client, owner: Actor) -> None:
    stocked(owner, 9)
    order = make_order(owner.shop_id, 1, now=NOW)
    answer = client.post(f"{BASE}orders/labels/make/", {"ids": str(order), "printer": "none"})
    assert answer.headers["Location"] == f"{BASE}labels/"
    assert PrintJob.objects.count() == 0
    assert "75330000000501" in said(client, "labels/")


def test_printed_ones_are_printed_again_only_on_purpose(client: Client, owner: Actor) -> None:
    stocked(owner, 9)
    printer = make_printer(owner.shop_id)
    order, label = labelled(owner)
    print_jobs.make(owner, [label], printer_id=printer.id, now=NOW)
    work(owner.shop_id, Machine(), Clock())
    asked = {"ids": str(order), "printer": str(printer.id)}
    assert "1 张打过了，不再打" in text_of(client.post(f"{BASE}orders/labels/", asked).content)
    assert client.post(f"{BASE}orders/labels/make/", asked).status_code == 422
    again = {**asked, "again": "1"}
    assert "补打的原因" in text_of(client.post(f"{BASE}orders/labels/", again).content)
    assert client.post(f"{BASE}orders/labels/make/", again).status_code == 422, "no reason"
    assert client.post(f"{BASE}orders/labels/make/", {**again, "reason": "打印不清"}).status_code == 302
    job = PrintJob.objects.filter(shop_id=owner.shop_id).latest("id")
    assert job.reason == "打印不清"
    assert "补打 打印不清" in said(client, f"print/{job.id}/")


def test_the_jobs_that_are_stuck_say_so_first(client: Client, owner: Actor) -> None:
    stocked(owner, 9)
    printer = make_printer(owner.shop_id)
    made = [labelled(owner, n)[1] for n in range(1, 4)]
    assert "还没有打印过面单" in said(client, "print/")
    job_id = print_jobs.make(owner, made, printer_id=printer.id, now=NOW).job_id
    machine, clock = Machine(), Clock()
    machine.before = lambda name: setattr(machine, "trouble", "printer_paper_out")
    work(owner.shop_id, machine, clock)
    assert "打印机缺纸 装好纸、合上盖子；打印机好了会自己接着打。" in said(client, "print/")
    start = said(client, "")
    assert f"打印停住了：{printer.name}，打了 0 / 3 张 · 打印机缺纸 装好纸" in start
    assert "去确认" in start
    page = said(client, f"print/{job_id}/")
    for words in ("打印机缺纸", "第 1 张打出来了吗？", "75330000000501", "没有，重新打这张"):
        assert words in page
    assert "缺纸" in said(client, "printers/")
    answer = client.post(f"{BASE}print/{job_id}/resume/")
    assert answer.status_code == 422
    assert "第 1 张送出后没有等到打印机的确认" in text_of(answer.content)
    client.post(f"{BASE}print/{job_id}/answer/", {"out": "no"})
    machine.trouble, machine.before = "", lambda name: None
    clock.forward(60)
    work(owner.shop_id, machine, clock)
    assert "已打 3 / 共 3 张" in said(client, f"print/{job_id}/")
    assert "打印停住了" not in said(client, "")
    assert "打完的" in said(client, "print/")
    assert client.post(f"{BASE}print/{job_id}/cancel/").status_code == 422


def test_an_open_page_gets_what_moved_and_nothing_else(client: Client, owner: Actor) -> None:
    stocked(owner, 9)
    printer = make_printer(owner.shop_id)
    job_id = print_jobs.make(owner, [labelled(owner, n)[1] for n in (1, 2)], printer_id=printer.id, now=NOW).job_id
    assert job_id is not None
    page = client.get(f"{BASE}print/{job_id}/").content.decode()
    poll = re.search(r'id="job-live" hx-get="([^"]+)"', page)
    assert poll is not None
    headers = {"HX-Request": "true", "HX-Target": "job-live"}
    address = f"{BASE}print/{job_id}/{poll[1].replace('&amp;', '&')}"
    assert client.get(address, headers=headers).status_code == 204
    print_jobs.hold(owner, job_id, now=NOW)
    whole = client.get(address, headers=headers)
    assert (whole.headers["HX-Retarget"], "已暂停" in whole.content.decode()) == ("#job", True)
    cards = client.get(f"{BASE}print/", headers={"HX-Request": "true", "HX-Target": "jobs"}).content.decode()
    assert "owner暂停了打印" in cards


def test_only_up_to_a_place(client: Client, owner: Actor) -> None:
    stocked(owner, 9)
    printer = make_printer(owner.shop_id, kind="browser", language="pdf", acknowledge="person")
    job_id = print_jobs.make(owner, [labelled(owner, n)[1] for n in (1, 2, 3)], printer_id=printer.id, now=NOW).job_id
    assert client.get(f"{BASE}print/{job_id}/labels.pdf").status_code == 404, "nothing is in hand yet"
    opened = client.post(f"{BASE}print/{job_id}/browser/")
    pdf = client.get(opened.headers["Location"])
    assert (pdf.headers["Content-Type"], pdf.content[:4]) == ("application/pdf", b"%PDF")
    assert client.get(opened.headers["Location"]).status_code == 200, "and once more"
    for wrong in ("", "x", "9", "-1"):
        assert client.post(f"{BASE}print/{job_id}/answer/", {"out": "upto", "upto": wrong}).status_code == 422
    client.post(f"{BASE}print/{job_id}/answer/", {"out": "upto", "upto": "2"})
    states = PrintDocument.objects.filter(shop_id=owner.shop_id).order_by("place").values_list("state", flat=True)
    assert list(states) == ["printed", "printed", "waiting"]
    consistent(owner.shop_id)


def test_what_cannot_be_printed_takes_no_numbers(client: Client, owner: Actor, stranger: Actor) -> None:
    stocked(owner, 3)
    order = make_order(owner.shop_id, 1, now=NOW)
    printer, closed = make_printer(owner.shop_id), make_printer(owner.shop_id, "旧机", active=False)
    theirs = make_printer(stranger.shop_id, "别家的机")
    asked = {"ids": str(order), "printer": str(printer.id)}
    for wrong in (
        {"printer": ""}, {"printer": str(theirs.id)}, {"printer": str(closed.id)}, {"template": "9" * 9}, {"again": "1"},
    ):  # fmt: skip
        assert client.post(f"{BASE}orders/labels/make/", asked | wrong).status_code == 422, wrong
        assert not Label.objects.exists(), wrong
    assert client.post(f"{BASE}orders/labels/make/", asked).status_code == 302
    assert Label.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"[1]",
        b"[" * 9000,
        b'{"place": 99999999999999999999}',
        b'{"place": -1}',
        b'{"place": 1, "message": "\\ud800"}',
        b"\xff",
    ],
)
def test_what_the_component_cannot_have_said(client: Client, owner: Actor, body: bytes) -> None:
    stocked(owner, 3)
    printer = make_printer(owner.shop_id, kind="cnprint", language="pdf")
    job_id = print_jobs.make(owner, [labelled(owner)[1]], printer_id=printer.id, now=NOW).job_id
    answer = client.post(f"{BASE}print/{job_id}/component/said/", body, "application/json")
    assert (answer.status_code, answer.json()["problem"]) == (409, "document_place")


def test_the_component_gets_a_document_and_says_what_became_of_it(client: Client, owner: Actor) -> None:
    stocked(owner, 9)
    printer = make_printer(owner.shop_id, kind="cnprint", language="pdf")
    job_id = print_jobs.make(owner, [labelled(owner, n)[1] for n in (1, 2)], printer_id=printer.id, now=NOW).job_id
    here = f"{BASE}print/{job_id}/component/"
    policy = client.get(here).headers["Content-Security-Policy"]
    assert "connect-src 'self' ws://localhost:13528 wss://localhost:13529" in policy
    assert "13528" not in client.get(f"{BASE}print/{job_id}/").headers["Content-Security-Policy"]

    def post(what: str, **said: Any) -> Any:
        return client.post(f"{here}{what}/", said, content_type="application/json")

    first = post("next", page="a").json()
    assert (first["place"], first["waybill"], first["document"]["documentID"]) == (1, "75330000000501", f"{job_id}-1")
    template = client.get(first["document"]["contents"][0]["templateURL"])
    assert template.headers["Content-Type"].startswith("application/xml")
    assert post("next", page="b").json()["problem"] == "job_elsewhere"
    assert post("next", page="a").json()["problem"] == "document_doubtful"
    assert post("said", page="a", place=1, printed=True).json() == {"ok": True}
    assert post("next", page="a").json()["place"] == 2
    post("said", page="a", place=2, printed=False, message="缺纸")
    assert "没有打出第 2 张：缺纸" in said(client, f"print/{job_id}/")
    assert post("next", page="a").json()["problem"] == "job_is_held"
    client.post(f"{BASE}print/{job_id}/resume/")
    assert post("next", page="c").json()["place"] == 2
    post("said", page="c", place=2, printed=True)
    assert post("next", page="c").json() == {"done": True}
    assert post("said", page="c", place="x").status_code == 409
    assert client.post(f"{here}next/", b"nonsense", content_type="application/json").json() == {"done": True}
    consistent(owner.shop_id)


def test_the_list_of_labels_and_what_is_done_there(client: Client, owner: Actor) -> None:
    stocked(owner, 9)
    printer = make_printer(owner.shop_id)
    pairs = [labelled(owner, n) for n in range(1, 4)]
    Order.objects.filter(shop_id=owner.shop_id, id=pairs[0][0]).update(receiver_key="moved")
    assert "已拦截 1" in said(client, "labels/")
    assert "收件人变了" in said(client, "labels/?tab=blocked")
    chosen = {"ids": ",".join(str(label) for _, label in pairs), "printer": str(printer.id)}
    client.post(f"{BASE}labels/print/", {**chosen, "how": "first"})
    clock = Clock()
    clock.forward(86400 * 3650)  # the pages live now
    work(owner.shop_id, Machine(), clock)
    assert "75330000000502" in said(client, "labels/?tab=printed")
    assert client.post(f"{BASE}labels/print/", {**chosen, "how": "new", "reason": "改地址"}).status_code == 302
    assert Label.objects.get(shop_id=owner.shop_id, replaces_id=pairs[0][1]).receiver_key == "moved"
    assert client.post(f"{BASE}labels/void/", {"all": "1", "query": "tab=to_print", "reason": ""}).status_code == 422
    client.post(f"{BASE}labels/void/", {"all": "1", "query": "tab=to_print", "reason": "不要了"})
    assert "不要了" in said(client, "labels/?tab=all")
    assert client.post(f"{BASE}labels/print/", {"ids": "", "printer": str(printer.id)}).status_code == 422
    assert client.post(f"{BASE}labels/print/", {"ids": "1", "printer": "x"}).status_code == 422
    assert said(client, "labels/?tab=nonsense&cursor=zzz&contract=y")
    consistent(owner.shop_id)


def test_pages_of_labels_go_on_and_back(client: Client, owner: Actor) -> None:
    stocked(owner, 120)
    labels.make(owner, [make_order(owner.shop_id, n, now=NOW) for n in range(120)], now=NOW)
    page = client.get(f"{BASE}labels/").content.decode()
    onward = re.search(r'rel="next" href="([^"]+)"', page)
    assert onward is not None
    second = client.get(f"{BASE}labels/{onward[1].replace('&amp;', '&')}").content.decode()
    assert "75330000000570" in second
    assert "75330000000571" not in second
    back = re.search(r'rel="prev" href="([^"]+)"', second)
    assert back is not None
    first = client.get(f"{BASE}labels/{back[1].replace('&amp;', '&')}").content.decode()
    assert re.findall(r'id="row-(\d+)"', first) == re.findall(r'id="row-(\d+)"', page)


def test_an_order_shows_its_label_and_takes_a_couriers_number(client: Client, owner: Actor) -> None:
    contract = make_contract(owner.shop_id, "圆通", carrier="YTO", numbers="entered")
    order = make_order(owner.shop_id, 1, now=NOW)
    here = f"{BASE}orders/{order}/"
    assert "快递员给的单号" in said(client, f"orders/{order}/")
    wrong = client.post(f"{here}label/enter/", {"contract": str(contract.id), "waybill": "SF1234567890123"})
    assert wrong.status_code == 422
    assert 'value="SF1234567890123"' in wrong.content.decode()
    assert client.post(f"{here}label/enter/", {"contract": "x", "waybill": "y"}).status_code == 422
    client.post(f"{here}label/enter/", {"contract": str(contract.id), "waybill": "YT1234567890123"})
    page = client.get(here).content.decode()
    assert "YT1234567890123" in page
    assert '<option value="YTO" selected' in page, "the form to ship is filled in"
    label = Label.objects.get(shop_id=owner.shop_id)
    assert said(client, f"labels/{label.id}/")
    picture = client.get(f"{BASE}labels/{label.id}/label.png")
    assert (picture.headers["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    client.post(f"{here}label/void/", {"label": str(label.id), "reason": "填错了"})
    assert "填错了" in said(client, f"orders/{order}/")


def test_a_printer_is_set_up_tested_and_put_away(client: Client, owner: Actor, settings: Any) -> None:
    form = {"name": "一号", "kind": "raw", "host": "10.1.2.3", "port": "9100", "language": "zpl", "dpi": "203", "acknowledge": "status"}  # fmt: skip
    for change, words in (
        ({"name": " "}, "名字"), ({"host": "a b"}, "地址不对"), ({"port": "0"}, "端口不对"), ({"kind": "x"}, "连接方式"),
        ({"dpi": "72"}, "精度"), ({"acknowledge": ""}, "怎样算打印成功"), ({"kind": "ipp", "path": "x"}, "IPP 路径不对"),
    ):  # fmt: skip
        answer = client.post(f"{BASE}printers/new/", {**form, **change})
        assert answer.status_code == 422
        assert words in text_of(answer.content)
    made = client.post(f"{BASE}printers/new/", form)
    assert client.post(f"{BASE}printers/new/", form).status_code == 422, "the name is taken"
    printer = Printer.objects.get(shop_id=owner.shop_id)
    assert made.headers["Location"] == f"{BASE}printers/{printer.id}/"
    settings.PRINTER_NETWORKS = ()
    client.post(f"{BASE}printers/{printer.id}/test/")
    assert "不在允许的网段里" in said(client, "printers/")
    client.post(f"{BASE}printers/{printer.id}/", {**form, "kind": "browser", "name": "前台"})
    kept = Printer.objects.get(shop_id=owner.shop_id)
    assert (kept.kind, kept.acknowledge, kept.host, kept.problem) == ("browser", "person", "", None)
    client.post(f"{BASE}printers/{printer.id}/active/", {"on": "0"})
    assert "已停用" in said(client, "printers/")
    _, label = labelled(owner) if stocked(owner) else (0, 0)
    assert client.post(f"{BASE}labels/print/", {"ids": str(label), "printer": str(printer.id)}).status_code == 422


def test_templates_are_kept_chosen_and_forgotten(client: Client, owner: Actor) -> None:
    text = standard_text().replace('text = "{carrier}"', 'text = "快递 {carrier}"', 1)
    bad = client.post(f"{BASE}label-templates/new/", {"name": "甲", "body": text.replace("{carrier}", "{carier}", 1)})
    assert bad.status_code == 422
    assert "carier" in text_of(bad.content)
    assert client.post(f"{BASE}label-templates/new/", {"name": "", "body": text}).status_code == 422
    client.post(f"{BASE}label-templates/new/", {"name": "甲", "body": text.replace("\n", "\r\n")})
    kept = LabelTemplate.objects.get(shop_id=owner.shop_id)
    assert (kept.name, kept.size, kept.body) == ("甲", "76x130", text)
    assert client.post(f"{BASE}label-templates/new/", {"name": "甲", "body": text}).status_code == 422
    shown = client.post(f"{BASE}label-templates/preview/", {"body": text, "sample": "3", "dpi": "300"})
    assert b"data:image/png;base64," in shown.content
    wrong = client.post(f"{BASE}label-templates/preview/", {"body": "x"})
    assert (wrong.status_code, wrong.headers["HX-Retarget"]) == (422, "#template-problems")
    client.post(f"{BASE}label-templates/{kept.id}/standard/", {"on": "1"})
    assert "本店默认" in said(client, "label-templates/")
    stocked(owner)
    _, label = labelled(owner)
    page = next(page_printing.pages_of(owner.shop_id, [label], now=NOW))
    assert any("快递 中通" in getattr(op, "text", "") for op in page.ops)
    client.post(f"{BASE}label-templates/{kept.id}/standard/", {"on": "0"})
    client.post(f"{BASE}label-templates/{kept.id}/drop/")
    assert not LabelTemplate.objects.filter(shop_id=owner.shop_id).exists()


def test_a_template_that_broke_holds_no_job_back(owner: Actor) -> None:
    stocked(owner)
    made = [labelled(owner, n)[1] for n in (1, 2)]
    template = label_templates.keep(owner, name="坏", body=standard_text(), now=NOW)
    LabelTemplate.objects.filter(shop_id=owner.shop_id).update(body="nonsense")
    printer = make_printer(owner.shop_id)
    print_jobs.make(owner, made, printer_id=printer.id, template_id=template, now=NOW)
    work(owner.shop_id, Machine(), Clock())
    documents = PrintDocument.objects.filter(shop_id=owner.shop_id).order_by("place")
    assert [(row.state, (row.problem or {})["code"]) for row in documents] == [
        ("blocked", "label_template_malformed")
    ] * 2
    assert PrintJob.objects.get(shop_id=owner.shop_id).status == "done"


def test_papers_by_shelf_and_for_the_box(client: Client, owner: Actor) -> None:
    orders = [make_order(owner.shop_id, n, now=NOW, quantities=(2, 1)) for n in (1, 2)]
    OrderLine.objects.filter(shop_id=owner.shop_id, title="杯0").update(sku_code="CUP-0")
    OrderLine.objects.filter(shop_id=owner.shop_id, title="杯1", order_id=orders[0]).update(refund_status="succeeded")
    Sku.objects.create(shop_id=owner.shop_id, code="CUP-0", shelf="A-01-2", barcode="690001")
    chosen = {"ids": ",".join(map(str, orders))}
    pick = text_of(client.post(f"{BASE}orders/pick-list/", chosen).content)
    assert re.search(r"□ A-01-2 CUP-0 杯0 白 690001 2 4", pick)
    assert re.search(r"□ 没有货位 杯1 白 1 1", pick)
    assert "2 单 2 种 5 件" in pick
    assert "花园路" not in pick
    slip = text_of(client.post(f"{BASE}orders/packing-slips/", chosen).content)
    assert "甲* · 杭州市" in slip
    assert "花园路" not in slip
    assert "A-01-2" in slip


def test_who_sees_what(owner: Actor, shop: Any) -> None:
    packer = sign_in(make_account(shop, "packer", permissions=("ship",)))
    stocked(owner)
    order, label = labelled(owner)
    page = packer.get(f"{BASE}labels/").content.decode()
    assert "75330000000501" in page
    assert "data-pick-all" not in page
    assert "补打" not in text_of(packer.get(f"{BASE}labels/{label}/").content)
    assert packer.get(f"{BASE}printers/").status_code == 403
    clerk = sign_in(make_account(shop, "clerk", permissions=("messages",)))
    assert 'id="h-label"' in packer.get(f"{BASE}orders/{order}/").content.decode()
    assert 'id="h-label"' not in clerk.get(f"{BASE}orders/{order}/").content.decode()


def test_the_pages_speak_english(owner_account: Account, owner: Actor) -> None:
    stocked(owner)
    _, label = labelled(owner)
    printer = make_printer(owner.shop_id, "one")
    job = print_jobs.make(owner, [label], printer_id=printer.id, now=NOW).job_id
    reader = sign_in(owner_account, "en")
    for path in ("print/", f"print/{job}/", "labels/", f"labels/{label}/", "printers/", f"printers/{printer.id}/", "printers/new/",
                 "label-templates/"):  # fmt: skip
        told = said(reader, path).replace("兰草小铺", "").replace("中通西湖", "").replace("中文", "").replace("兰", "")
        assert re.findall(r"[一-鿿]+", told) == [], path
