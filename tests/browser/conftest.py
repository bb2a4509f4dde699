"""A real Chromium at a real server, with a real clock beside it.

Every page is watched: no script error, no breach of the content security policy, no failed answer of the server, and no
request to another host. What was seen is asked after each test.
"""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from fahuo import clock
from fahuo.cli import demo
from fahuo.store.models import User
from scripts.setup import find_browser
from tests import walls

FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
FAILED = pytest.StashKey[bool]()
DESKTOP = {"width": 1440, "height": 900}
PICTURES = Path(__file__).parent.parent.parent / "var" / "test" / "pictures"
"""What the windows of a failed test showed last."""
EXPECTED = "Failed to load resource: the server responded with a status of 4"
"""Chromium's own line about an answer that refuses: the tests ask for those on purpose."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_browser()
    if program is None:
        sentence = "no Chromium here: type sudo apt-get install chromium, or name a program in FAHUO_BROWSER"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread; Django must not mind
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=FLAGS)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Desk:
    """Opens pages of the running server, each for a person, and keeps what went wrong in them."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []
        self.troubles: list[str] = []
        self.asked: list[str] = []

    def open(self, name: str = "", *, language: str = "zh-hans", theme: str = "light", **options: Any) -> Page:
        """A new browser window, signed in as the user `name` ("": nobody)."""
        options.setdefault("viewport", DESKTOP)
        context = self.browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        cookies = {"fahuo_language": language, "fahuo_theme": theme}
        if name:
            client = Client()
            client.force_login(User.objects.get(username=name))
            cookies["sessionid"] = client.cookies["sessionid"].value
        context.add_cookies([{"name": key, "value": value, "url": self.address} for key, value in cookies.items()])
        context.set_default_timeout(10_000)
        context.on("page", self._watch)
        self.contexts.append(context)
        return context.new_page()

    def _watch(self, page: Page) -> None:
        def said(message: Any) -> None:
            if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
                self.troubles.append(f"{page.url}: {message.text}")

        page.on("console", said)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self.asked.append(request.url))

    def close(self, *, keep: str = "") -> None:
        """Close every window; a `keep` names the picture of each that is left behind."""
        for n, page in enumerate(page for context in self.contexts for page in context.pages):
            if keep:
                page.screenshot(path=PICTURES / f"{keep}-{n}.png")
        for context in self.contexts:
            context.close()

    def strangers(self) -> list[str]:
        """Requests that went to another host. `chrome:` is the browser's own reader of PDF."""
        own = (self.address, "data:", "blob:", "about:", "chrome:", "chrome-extension:")
        return [url for url in self.asked if not url.startswith(own)]


@pytest.fixture
def desk(browser: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Desk]:
    desk = Desk(browser, live_server.url)
    yield desk
    troubles = list(desk.troubles)  # before the pictures: taking one puts a style into the page
    desk.close(keep=request.node.name if request.node.stash[FAILED] else "")
    assert troubles == []
    assert desk.strangers() == []


@pytest.fixture
def ticking(live_server: Any) -> Iterator[None]:
    """A clock works beside the server, as it does in earnest; a round that fails, fails the test."""
    failed: list[BaseException] = []

    class Strict(clock.Clock):
        def attempt(self, name: str, act: Callable[[], object]) -> None:
            try:
                act()
            except BaseException as error:
                failed.append(error)

    found = Strict()

    def work() -> None:
        found.run()
        connections.close_all()

    thread = Thread(target=work)
    thread.start()
    yield
    found.stop()
    thread.join()
    assert failed == []


class Kept:
    """The demo as it was loaded first: its tables and sample files, to be laid out again for the next test."""

    def __init__(self, samples: Path) -> None:
        self.samples = samples
        self.tables: dict[str, bytes] = {}
        walls.owners_line()  # COPY shows whoever stands in a shop just that shop
        with connection.cursor() as cursor:
            for model in apps.get_app_config("fahuo").get_models():
                with cursor.copy(f"COPY {model._meta.db_table} TO STDOUT (FORMAT binary)") as copy:
                    self.tables[model._meta.db_table] = b"".join(copy)
            cursor.execute("SELECT last_value FROM ids")
            self.last = cursor.fetchone()[0]

    def lay_out(self, samples: Path) -> None:
        shutil.copytree(self.samples, samples)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # in any order: it was whole before
            for table, rows in self.tables.items():
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(rows)
            cursor.execute("SELECT setval('ids', %s)", [self.last])


@pytest.fixture(scope="session")
def demos() -> list[Kept]:
    """The demo that was loaded in this process, once it was."""
    return []


@pytest.fixture
def shop_of_the_demo(
    live_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: Any, demos: list[Kept]
) -> Path:
    """The demo's two shops, loaded as `fahuo demo` does; the folder of its sample files."""
    if demos:
        demos[0].lay_out(tmp_path / "samples")
    else:
        first = tmp_path_factory.mktemp("demo")
        monkeypatch.setattr(demo, "folder", lambda: first / "samples")
        demo.load()
        demos.append(Kept(first / "samples"))
        shutil.copytree(first / "samples", tmp_path / "samples")
    return tmp_path / "samples"
