"""The platform's desk: its queue, a case from first look to verdict, regions, reports, shops and numbers."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fahuo.rules.people import Actor, PlatformActor
from fahuo.services import complaints, evidence, messages, parcels, reports, tasks
from fahuo.store import sealed
from fahuo.store.models import Complaint, DelayReport, Evidence, ExemptRegion, Order, PlatformStaff, Shop, User
from tests.services.aftersales import HOUR, buyer, paid
from tests.services.shipping import order_number, waybill
from tests.web.pages import text_of

pytestmark = pytest.mark.django_db
DESK = PlatformActor("沈裁")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def staff(shop: Shop, now: datetime) -> Client:
    user = User.objects.create_user(username="shen", password="correct horse")
    PlatformStaff.objects.create(user_id=user.pk, name="沈裁", created_at=now)
    client = Client()
    client.force_login(user)
    return client


def complained(shop_id: int, n: int, now: datetime, *, price: str = "300.00", name: str = "林间", ago: int = 60) -> int:
    """An order whose deadline has passed, and over which the buyer complains now."""
    order = paid(shop_id, n, price=price, buyer=name, paid_at=now - ago * HOUR)
    tasks.press_urge(buyer(shop_id, name), order, now=now - 2 * HOUR)
    complaints.open_by_buyer(buyer(shop_id, name), order, kind="delay", now=now - HOUR + timedelta(seconds=n))
    return order


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return text_of(answer.content)


def hidden(client: Client, address: str) -> dict[str, str]:
    """What a case's form sends back of what it showed."""
    body = client.get(address).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(complaint|amount|points|evidence)" value="([^"]*)">', body))


def test_the_queue_puts_the_oldest_or_the_dearest_first(
    staff: Client, owner: Actor, stranger: Actor, now: datetime
) -> None:
    complained(owner.shop_id, 1, now)
    complained(stranger.shop_id, 2, now, price="900.00")
    said = page(staff, "/platform/")
    assert said.index(order_number(1)) < said.index(order_number(2))
    assert "¥ 15.00" in said or "¥15.00" in said
    said = page(staff, "/platform/?sort=money")
    assert said.index(order_number(2)) < said.index(order_number(1))
    assert order_number(2) not in page(staff, "/platform/?shop=lan")
    assert order_number(2) in page(staff, "/platform/?platform=tmall&kind=delay")
    assert "没有符合条件的" in page(staff, "/platform/?kind=out_of_stock")
    assert order_number(1) in page(staff, "/platform/?tab=nonsense&sort=x&kind=y&cursor=n9&outcome=z")


def test_the_queue_turns_its_pages_both_ways(
    staff: Client, owner: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fahuo.web.platform.LISTED", 2)
    for n in range(1, 6):
        complained(owner.shop_id, n, now, name=f"b{n}", price=f"{n}00.00")
    for sort, order in (("oldest", [1, 2, 3, 4, 5]), ("money", [5, 4, 3, 2, 1])):
        address, seen = f"/platform/?sort={sort}", []
        for _ in range(3):
            body = staff.get(address).content.decode()
            seen.append([int(found) % 100 for found in re.findall(r'row-link mono"[^>]*>(\d+)<', body)])
            onward = re.search(r'rel="next" href="([^"]+)"', body)
            address = f"/platform/{onward[1]}".replace("&amp;", "&") if onward else ""
        assert sum(seen, []) == [int(order_number(n)) % 100 for n in order]
        assert not address
        back = re.search(r'rel="prev" href="([^"]+)"', body)
        assert back is not None
        body = staff.get(f"/platform/{back[1]}".replace("&amp;", "&")).content.decode()
        assert [int(found) % 100 for found in re.findall(r'row-link mono"[^>]*>(\d+)<', body)] == seen[1]


def test_what_the_platform_took_over_without_a_complaint(staff: Client, owner: Actor, now: datetime) -> None:
    order = paid(owner.shop_id, 1, paid_at=now - 60 * HOUR)
    tasks.press_urge(buyer(owner.shop_id), order, now=now - 2 * HOUR)
    tasks.reply(owner, order, plan="cannot_ship", reason="force_majeure", now=now - HOUR)
    said = page(staff, "/platform/?tab=taken")
    assert order_number(1) in said
    assert "不可抗力" in said
    assert order_number(1) not in page(staff, "/platform/")
    assert "没有可裁决的投诉" in page(staff, f"/platform/complaints/lan/{order}/")


def test_a_case_tells_everything_in_order_and_nobodys_name(staff: Client, owner: Actor, now: datetime) -> None:
    order = complained(owner.shop_id, 1, now)
    messages.send(
        buyer(owner.shop_id, "林间"), order, body="再不发就退款，打我13812345678", now=now - 50 * timedelta(minutes=1)
    )
    evidence.add(owner, order_id=order, body="仓库停电", file=("电力通知.txt", "停电".encode()), now=now - HOUR / 120)
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=now)
    said = page(staff, f"/platform/complaints/lan/{order}/")
    told = ("买家付款", "最晚发货期限", "买家催发货", "买家投诉", "聊天消息", "提交凭证", "卖家发货")
    story = said[said.index("经过和证据") :]
    places = [story.index(word) for word in told]
    assert places == sorted(places)
    assert "138******78" in said
    assert "13812345678" not in said
    assert "林间" not in said
    assert "林*" in said
    assert "货款的 5%，最低 ¥5.00，最高" in said
    piece = Evidence.objects.get(shop_id=owner.shop_id)
    file = staff.get(f"/platform/complaints/lan/{order}/evidence/{piece.id}/")
    assert file.content == "停电".encode()
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert page(staff, f"/platform/complaints/zhu/{order}/", 404)


def test_a_verdict_is_shown_then_confirmed(staff: Client, owner: Actor, now: datetime) -> None:
    order = complained(owner.shop_id, 1, now)
    here = f"/platform/complaints/lan/{order}/"
    seen = hidden(staff, here)
    assert seen["amount"] == "15.00"
    given = {**seen, "verdict": "upheld", "statement": "逾期未发"}
    asked = staff.post(f"{here}verdict/", given)
    assert asked.status_code == 200
    assert "卖家赔付 ¥15.00，扣 3 分" in text_of(asked.content)
    assert complaints.picture_of(owner.shop_id, order) is not None, "nothing is decided yet"
    done = staff.post(f"{here}verdict/", {**given, "confirmed": "1"})
    assert done.status_code == 302
    closed = Complaint.objects.get(shop_id=owner.shop_id, order_id=order)
    assert (closed.status, closed.compensation, closed.closed_by) == ("upheld", Decimal("15.00"), "沈裁")
    assert sealed.open_text(owner.shop_id, sealed.STATEMENT, closed.statement) == "逾期未发" != closed.statement
    said = page(staff, here)
    assert "投诉成立" in said
    assert "逾期未发" in said
    again = staff.post(f"{here}verdict/", {**given, "confirmed": "1"})
    assert again.status_code == 422
    assert "没有正在处理的投诉" in text_of(again.content)
    assert order_number(1) in page(staff, "/platform/?tab=over&outcome=upheld")


def test_a_verdict_over_what_changed_is_refused_with_the_new_picture(
    staff: Client, owner: Actor, now: datetime
) -> None:
    order = complained(owner.shop_id, 1, now)
    here = f"/platform/complaints/lan/{order}/"
    given = {**hidden(staff, here), "verdict": "dismissed", "statement": "已发货", "confirmed": "1"}
    Order.objects.filter(shop_id=owner.shop_id, id=order).update(item_amount=Decimal("200.00"))
    answer = staff.post(f"{here}verdict/", given)
    assert answer.status_code == 422
    said = text_of(answer.content)
    assert "情况在您看过之后变了" in said
    assert "已发货" in said, "what was typed stays"
    assert hidden(staff, here)["amount"] == "10.00"
    for wrong in (
        {"verdict": "perhaps"},
        {"statement": " "},
        {"statement": "长" * 1001},
        {"amount": "x"},
        {"complaint": ""},
    ):
        assert staff.post(f"{here}verdict/", {**given, **hidden(staff, here), **wrong}).status_code == 422
    complaints.settle(owner, order, now=now)
    answer = staff.post(f"{here}verdict/", given)
    assert answer.status_code == 422
    assert "卖家已赔付" in text_of(answer.content)


def test_the_platform_puts_its_own_findings_on_record(staff: Client, owner: Actor, now: datetime) -> None:
    order = complained(owner.shop_id, 1, now)
    here = f"/platform/complaints/lan/{order}/"
    file = SimpleUploadedFile("核实.pdf", b"%PDF-1.4 x")
    assert staff.post(f"{here}evidence/", {"body": "已核实", "file": file}).status_code == 302
    assert "核实.pdf" in page(staff, here)
    assert staff.post(f"{here}evidence/", {"body": " "}).status_code == 422
    bad = staff.post(f"{here}evidence/", {"body": "x", "file": SimpleUploadedFile("a.exe", b"MZ\x90\x00")})
    assert "凭证只收" in text_of(bad.content)


def test_a_region_is_previewed_listed_and_ended(staff: Client, owner: Actor, now: datetime) -> None:
    order = paid(owner.shop_id, 1, region="310115", paid_at=now)
    local = now + 8 * HOUR
    form = {
        "platform": "taobao", "province": "310000", "city": "", "county": "", "code": "", "note": "台风",
        "starts": f"{local + 40 * HOUR:%Y-%m-%dT%H:%M}", "ends": f"{local + 90 * HOUR:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    said = text_of(staff.post("/platform/regions/", form).content)
    assert "1 家店铺的 1 个待发货订单" in said
    assert not ExemptRegion.objects.exists()
    assert staff.post("/platform/regions/", {**form, "confirmed": "1"}).status_code == 302
    moved = Order.objects.get(shop_id=owner.shop_id, id=order)
    assert moved.deadline_clause == "exempt_region"
    said = page(staff, "/platform/regions/")
    assert "上海市" in said
    assert "台风" in said
    row = ExemptRegion.objects.get()
    assert staff.post(f"/platform/regions/{row.id}/end/").status_code == 302
    assert "提前结束" in page(staff, "/platform/regions/")
    assert Order.objects.get(shop_id=owner.shop_id, id=order).deadline_clause == "default"
    assert "已经结束" in text_of(staff.post(f"/platform/regions/{row.id}/end/").content)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"code": "999999"}, "没有这个地区代码：999999"), ({"province": ""}, "没有这个地区代码"),
        ({"ends": "2020-01-01T00:00"}, "开始要早于结束"), ({"starts": "soon"}, "开始要早于结束"),
    ],
)  # fmt: skip
def test_a_region_that_makes_no_sense_is_refused(staff: Client, wrong: dict[str, str], told: str) -> None:
    form = {"province": "310000", "starts": "2026-01-01T00:00", "ends": "2026-02-01T00:00", "confirmed": "1", **wrong}
    answer = staff.post("/platform/regions/", form)
    assert answer.status_code == 422
    assert told in text_of(answer.content)
    assert not ExemptRegion.objects.exists()


def test_the_picker_goes_from_province_to_county(staff: Client) -> None:
    assert "杭州市" in page(staff, "/platform/regions/pick/?province=330000")
    said = page(staff, "/platform/regions/pick/?province=330000&city=330100")
    assert "西湖区" in said
    assert "浦东新区" in page(staff, "/platform/regions/pick/?province=310000&city=330100"), (
        "another province's city goes"
    )
    assert page(staff, "/platform/regions/pick/?province=x&city=y")


def test_reports_are_answered_one_and_many(staff: Client, owner: Actor, stranger: Actor, now: datetime) -> None:
    until = now + 99 * HOUR
    order = paid(owner.shop_id, 1, paid_at=now)
    one, two, three = (
        reports.file(who, name=name, until=until, scope="shop", now=now)
        for who, name in ((owner, "暴雪"), (stranger, "洪水"), (owner, "托词"))
    )
    evidence.add(owner, report_id=one, body="", file=("停运.txt", "停运".encode()), now=now)
    assert all(name in page(staff, "/platform/reports/") for name in ("暴雪", "洪水", "托词"))
    here = f"/platform/reports/lan/{one}/"
    said = page(staff, here)
    assert "批准后 1 个待发货订单的期限改到上面的时间" in said
    piece = Evidence.objects.get(report_id=one)
    assert staff.get(f"{here}evidence/{piece.id}/").content == "停运".encode()
    assert "驳回要写明理由" in text_of(staff.post(f"{here}answer/", {"answer": "reject"}).content)
    assert staff.post("/platform/reports/answer/", {"ids": f"{one},{two}", "answer": "approve"}).status_code == 302
    assert Order.objects.get(shop_id=owner.shop_id, id=order).reported_until == until
    assert (
        staff.post(f"/platform/reports/lan/{three}/answer/", {"answer": "reject", "reason": "没有凭证"}).status_code
        == 302
    )
    found = {row.name: (row.status, row.answer) for row in DelayReport.objects.all()}
    assert found == {"暴雪": ("approved", ""), "洪水": ("approved", ""), "托词": ("rejected", "没有凭证")}
    assert staff.post(f"{here}answer/", {"answer": "approve"}).status_code == 422
    assert staff.post("/platform/reports/answer/", {"ids": str(one), "answer": "approve"}).status_code == 422
    assert "没有凭证" in page(staff, "/platform/reports/?tab=answered")
    assert page(staff, f"/platform/reports/zhu/{one}/", 404)


def test_shops_stand_as_they_stand_and_new_ones_come(staff: Client, owner: Actor, now: datetime) -> None:
    order = complained(owner.shop_id, 1, now)
    complaints.adjudicate(DESK, owner.shop_id, order, verdict="upheld", now=now)
    said = page(staff, "/platform/shops/")
    assert "兰草小铺" in said
    assert re.search(r"¥ ?15\.00", said)
    assert "没有这样的店铺" in page(staff, "/platform/shops/?q=nobody")
    form = {"code": "mei", "name": "梅花弄", "platform": "tmall", "owner": "mei", "tasks_here": "on"}
    made = staff.post("/platform/shops/new/", form)
    assert "密码只显示这一次" in text_of(made.content)
    assert Shop.objects.get(code="mei").tasks_here
    again = staff.post("/platform/shops/new/", form)
    assert again.status_code == 422
    assert "已经有代号为 mei 的店铺" in text_of(again.content)


def test_every_figure_opens_its_rows(staff: Client, owner: Actor, stranger: Actor, now: datetime) -> None:
    late = complained(owner.shop_id, 1, now, ago=80)
    complaints.adjudicate(DESK, owner.shop_id, late, verdict="upheld", now=now)
    other = paid(stranger.shop_id, 2, paid_at=now - 100 * HOUR)
    tasks.press_urge(buyer(stranger.shop_id), other, now=now - 30 * HOUR)
    tasks.run_due(None, now=now)
    for unit in ("day", "week"):
        body = staff.get(f"/platform/numbers/?by={unit}").content.decode()
        addresses = {
            found.replace("&amp;", "&") for found in re.findall(r'href="(/platform/numbers/rows/[^"]+)"', body)
        }
        assert len(addresses) > 8
        said = {address: page(staff, address) for address in addresses}
    whole = {address: text for address, text in said.items() if "what=made" in address or "what=paid" in address}
    assert any(order_number(1) in text and order_number(2) in text for text in whole.values())
    assert any("¥15.00" in text for text in whole.values())
    assert order_number(2) not in page(staff, "/platform/numbers/rows/?what=made&shop=lan")
    assert order_number(2) in page(staff, "/platform/numbers/rows/?what=missed")
    assert page(staff, "/platform/numbers/?shop=nowhere", 404)
    assert page(staff, "/platform/numbers/?from=x&to=9999-99-99&by=year")
    assert page(staff, "/platform/numbers/rows/?what=nonsense", 404)


def test_the_desk_speaks_english(staff: Client, owner: Actor, now: datetime) -> None:
    order = complained(owner.shop_id, 1, now)
    staff.cookies["fahuo_language"] = "en"
    for address in (
        "/platform/", "/platform/?tab=taken", "/platform/?tab=over", f"/platform/complaints/lan/{order}/",
        "/platform/regions/", "/platform/reports/", "/platform/shops/", "/platform/shops/new/", "/platform/numbers/",
    ):  # fmt: skip
        assert page(staff, address)
