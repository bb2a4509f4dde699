"""A scale at the bench: read line by line, report by report, and not there at all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.templatetags.static import static
from playwright.sync_api import expect

from fahuo.rules.people import Actor
from fahuo.store.models import Contract, Label
from tests.browser.bench import DONE, REST, hears, make, make_goods, open_shop, scan
from tests.browser.conftest import Desk
from tests.services.shipping import waybill

LINES = [
    ("ST,GS,+  0.350kg", 350, True), ("US,NT,+  0.348kg", 348, False), ("S S      0.3502 kg", 350, True),
    ("S D      0.349 kg", 349, False), ("wn0.350kg", 350, True), ("+0000.35 kg", 350, True), ("   350 g", 350, True),
    ("0.350", 350, True), ("350", 350, True), ("=  12.5斤", 6250, True), ("\x02+001.200kg\x03", 1200, True),
    ("1.5 lb", 680, True), ("ST,GS,-  0.010kg", None, None), ("OL", None, None), ("S +", None, None), ("ERR 3", None, None),
    ("", None, None), ("hello", None, None), ("12:30:45", 45, True),
]  # fmt: skip
"""A line of a scale, the grams in it, and whether it stands still."""
SCALE = static("fahuo/scale.js")
FAKE = """(() => {
  let give;
  const port = {
    open: async (how) => { window.opened = how; },
    readable: new ReadableStream({ start(control) { give = (text) => control.enqueue(new TextEncoder().encode(text)); } }),
  };
  window.weigh = (text) => give(text);
  Object.defineProperty(navigator, "serial", { value: { getPorts: async () => [port], requestPort: async () => port, addEventListener() {} } });
})()"""
"""A port as a browser would hand it out, for no scale stands beside this test."""


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def owner(live_server: Any, now: datetime, settings: Any) -> Actor:
    return open_shop(now, settings)


@pytest.fixture
def contract(owner: Actor, now: datetime) -> Contract:
    return make_goods(owner, now)


def test_a_scale_is_read_line_by_line(desk: Desk, owner: Actor, contract: Contract, now: datetime) -> None:
    label = make(owner, contract, 1, now)
    page = desk.open("owner")
    page.add_init_script(FAKE)
    page.goto(f"{desk.address}/s/lan/station/")
    for text, grams, stable in LINES:
        found = page.evaluate(f"(text) => import('{SCALE}').then((scale) => scale.readLine(text))", text)
        assert found == (None if grams is None else {"grams": grams, "stable": stable}), text
    for status, unit, power, weight, grams in [
        (4, 2, 0, 350, 350), (4, 3, -3, 350, 350), (3, 2, 0, 12, 12), (4, 11, -1, 123, 349), (5, 2, 0, 3, None), (4, 9, 0, 3, None),
    ]:  # fmt: skip
        read = page.evaluate(
            "([status, unit, power, weight]) => import('"
            + SCALE
            + """').then((scale) => {
              const data = new DataView(new ArrayBuffer(5));
              data.setUint8(0, status); data.setUint8(1, unit); data.setInt8(2, power); data.setUint16(3, weight, true);
              return scale.readReport(data); })""",
            [status, unit, power, weight],
        )
        assert (read and read["grams"]) == grams
    assert page.evaluate("opened") == {"baudRate": 9600}
    page.evaluate("weigh('US,GS,+  0.4')")
    page.evaluate("weigh('80kg\\r\\nST,GS,+  0.4')")
    expect(page.locator("[data-scale-shows]")).to_have_text("480 g")
    assert page.locator("[data-scale-value]").input_value() == ""
    page.evaluate("weigh('95kg\\r\\n')")
    expect(page.locator("[data-scale-shows]")).to_have_text("495 g")
    scan(page, waybill(1))
    hears(page, "good")
    scan(page, REST)
    hears(page, "good")
    scan(page, DONE)
    hears(page, "done")
    assert Label.objects.get(shop_id=owner.shop_id, id=label.id).grams == 495


def test_a_browser_without_ports_shows_no_scale(desk: Desk, owner: Actor, contract: Contract) -> None:
    page = desk.open("owner")
    page.add_init_script(
        "for (const name of ['serial', 'hid']) Object.defineProperty(navigator, name, { value: undefined })"
    )
    page.goto(f"{desk.address}/s/lan/station/")
    expect(page.locator("#scan")).to_be_focused()
    expect(page.locator("[data-scale]")).to_be_hidden()
