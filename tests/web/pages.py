"""What the page tests share: a browserless person at the desk."""

import re

from django.test import Client

from tests.conftest import Account


def sign_in(account: Account, language: str = "zh-hans") -> Client:
    """A client signed in as the account, reading in the language."""
    client = Client()
    client.force_login(account.user)
    client.cookies["fahuo_language"] = language
    return client


def text_of(body: bytes) -> str:
    """What a page says: its text without tags, scripts and runs of white space."""
    page = re.sub(r"<(script|style|template)\b.*?</\1>", " ", body.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).strip()


def link_on(page: bytes) -> str:
    """The address of the invitation that a page shows."""
    found = re.search(r'data-copy="http://testserver(/invitation/[\w-]{43}/)"', page.decode())
    assert found
    return found[1]
