"""The page on which a shop enters what buyers urged elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.services import batches
from fahuo.store.models import Batch, Shop, Task, Urge
from tests.conftest import Account
from tests.services.shipping import make_order, order_number
from tests.services.test_tasks import refused


@pytest.fixture
def client(owner_account: Account) -> Client:
    client = Client()
    client.force_login(owner_account.user)
    return client


def typed(moment: datetime) -> str:
    """A moment as the form's fields write it, on the shop's clock."""
    return f"{timezone.localtime(moment, timezone.get_fixed_timezone(480)):%Y-%m-%dT%H:%M}"


def test_one_by_one(client: Client, shop: Shop) -> None:
    now = datetime.now(UTC)
    make_order(shop.id, 1, now=now - timedelta(days=1))
    due = now + timedelta(hours=6)
    form = {"number": order_number(1), "at": typed(now - timedelta(hours=1)), "due_at": typed(due)}
    assert client.post("/s/lan/urges/", form).status_code == 302
    page = client.get("/s/lan/urges/").content.decode()
    assert "任务已生成" in page
    assert ("按平台显示的截止时间" in page, f"/s/lan/tasks/{Task.objects.get().id}/" in page) == (True, True)
    assert Task.objects.get(shop_id=shop.id).due_at == due.replace(second=0, microsecond=0)
    client.post("/s/lan/urges/", form)
    assert "早已登记过" in client.get("/s/lan/urges/").content.decode()
    wrong = client.post("/s/lan/urges/", {**form, "due_at": typed(now - timedelta(hours=2))})
    said = wrong.content.decode()
    assert (wrong.status_code, "要晚于催促时间" in said, form["at"] in said) == (422, True, True)
    assert client.post("/s/lan/urges/", {**form, "at": ""}).status_code == 422
    assert Urge.objects.filter(shop_id=shop.id).count() == 1


def test_what_the_buyer_said_elsewhere_is_noted_by_the_shop(client: Client, shop: Shop) -> None:
    now = datetime.now(UTC)
    make_order(shop.id, 1, now=now - timedelta(days=1))
    form = {"number": order_number(1), "at": typed(now - timedelta(hours=1)), "due_at": typed(now + timedelta(hours=6))}
    client.post("/s/lan/urges/", form)
    address = f"/s/lan/tasks/{Task.objects.get().id}/"
    assert client.post(f"{address}answer/", {"answer": "accept"}).status_code == 422, "no plan was offered"
    client.post(f"{address}reply/", {"plan": "exchange"})
    assert "买家不同意</button>" in client.get(address).content.decode()
    assert client.post(f"{address}answer/", {"answer": "refuse"}).status_code == 302
    assert Task.objects.get().state == "platform_intervention"


def test_a_sheet_from_the_page_to_the_problem_sheet(client: Client, shop: Shop) -> None:
    now = datetime.now(UTC)
    make_order(shop.id, 1, now=now - timedelta(days=1))
    empty = client.get("/s/lan/urges/empty.xlsx").content
    assert refused(open_sheet, "空.xlsx", empty) == ["sheet_no_rows"]
    rows = f"订单编号,催促时间,平台截止时间\n{order_number(1)},{typed(now - timedelta(hours=1))},\n123456789,昨天,\n"
    sent = client.post("/s/lan/urges/sheet/", {"file": SimpleUploadedFile("催.csv", rows.encode())})
    batch = Batch.objects.get(shop_id=shop.id)
    assert sent.headers["Location"] == f"/s/lan/batches/{batch.id}/"
    batches.work(shop.id, batch.id, now=now)
    page = client.get(f"/s/lan/batches/{batch.id}/").content.decode()
    assert ("登记 1 次" in page, "只标记订单" in page, "昨天" in page) == (True, True, True)
    client.post(f"/s/lan/batches/{batch.id}/commit/")
    batches.work(shop.id, batch.id, now=now)
    assert "已登记 1 次催促" in client.get(f"/s/lan/batches/{batch.id}/").content.decode()
    assert "催.csv" in client.get("/s/lan/urges/").content.decode()
    assert client.get(f"/s/lan/batches/{batch.id}/problems/").status_code == 200
    assert client.post("/s/lan/urges/sheet/", {}).status_code == 422
    bad = client.post("/s/lan/urges/sheet/", {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    batches.work(shop.id, Batch.objects.order_by("-id")[0].id, now=now)
    assert "哪一列是订单编号和催促时间" in client.get(bad.headers["Location"]).content.decode()
