"""Every sentence of the pages has English, with the same places to fill; both languages speak on every page."""

import io
import re

import pytest
from babel.messages.mofile import read_mo
from django.test import Client
from django.utils import translation

from scripts import messages
from tests.conftest import Account
from tests.web.pages import sign_in, text_of

PLACES = re.compile(r"%\(\w+\)s|\{\w*\}|</?em>")
HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES = {"中文", "兰草小铺", "兰", "浙江省", "杭州市", "西湖区", "浙江省杭州市西湖区", "竹里馆", "竹"}
"""Han characters that stand on English pages: names, and the language's own name."""


def test_the_catalogue_holds_what_the_pages_say_and_all_of_it_has_english() -> None:
    catalogue = messages.gathered()
    assert messages.untranslated(catalogue) == []
    as_it_stands = messages.CATALOGUE.read_bytes() == messages.written(
        catalogue
    )  # two minutes, were they compared for people
    assert as_it_stands, "make messages"


def test_english_fills_the_same_places() -> None:
    for message in messages.kept():
        if message.id:
            chinese = message.id if isinstance(message.id, str) else message.id[0]
            english = message.string if isinstance(message.string, str) else message.string[0]
            assert sorted(PLACES.findall(chinese)) == sorted(PLACES.findall(english)), chinese


def test_english_is_english() -> None:
    allowed = re.compile("已卖出的宝贝|批量导出|浙江省(杭州市西湖区)?|催促时间|平台截止时间|发货台|订单编号")
    for message in messages.kept():
        english = str(message.string)
        assert not HAN.search(allowed.sub("", english)), english


def test_what_is_compiled_is_what_is_written(tmp_path: object) -> None:
    messages.compile_messages()
    compiled = read_mo(io.BytesIO(messages.CATALOGUE.with_suffix(".mo").read_bytes()))
    with translation.override("en"):
        assert translation.gettext("待发货") == "To ship"
    assert len(compiled) == len(messages.kept())


def test_templates_are_gathered_as_well_as_python() -> None:
    found = {place.rpartition(".")[2] for place, _, _ in messages.sentences()}
    assert found == {"py", "html"}


@pytest.mark.parametrize("path", ["/s/lan/", "/s/lan/people/", "/s/lan/people/new/", "/s/lan/settings/", "/password/"])
def test_english_pages_speak_english(owner_account: Account, path: str) -> None:
    page = sign_in(owner_account, "en").get(path)
    assert page.headers["Content-Language"] == "en"
    left = [word for word in re.findall(r"[\u4e00-\u9fff]+", text_of(page.content)) if word not in NAMES]
    assert left == []


@pytest.mark.django_db
def test_chinese_is_the_default_whatever_the_browser_asks() -> None:
    page = Client(headers={"Accept-Language": "en-US,en;q=0.9"}).get("/login/")
    assert '<html lang="zh-Hans"' in page.content.decode()


def test_the_choice_of_language_follows_the_person(owner_account: Account) -> None:
    client = sign_in(owner_account)
    client.post("/language/", {"language": "en", "next": "/s/lan/"})
    owner_account.user.refresh_from_db()
    assert owner_account.user.language == "en"
    again = Client()
    again.post("/login/", {"username": "owner", "password": "correct horse"})
    assert again.cookies["fahuo_language"].value == "en"


def test_nonsense_is_no_language_and_no_theme(owner_account: Account) -> None:
    client = sign_in(owner_account)
    client.post("/language/", {"language": "xx"})
    client.post("/theme/", {"theme": "purple"})
    owner_account.user.refresh_from_db()
    assert (owner_account.user.language, owner_account.user.theme) == ("zh-hans", "auto")
