"""docs/gateway.md says what the registry says."""

from pathlib import Path

from fahuo.api.top import methods  # noqa: F401  # the methods declare themselves
from fahuo.api.top.manual import MARK, manual
from fahuo.api.top.refusals import RESEND, SEND
from fahuo.rules.marketplaces import CONFIRMATIONS, TROUBLES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_method_is_documented_as_it_is() -> None:
    page = (DOCS / "gateway.md").read_text("utf-8")
    assert page.partition(MARK)[2].strip() == manual().strip(), "python -m fahuo.api.top.manual"


def test_every_refusal_of_shipping_is_documented() -> None:
    page = (DOCS / "gateway.md").read_text("utf-8").partition(MARK)[0]
    assert all(code in page for code in {*SEND.values(), *RESEND.values()} - {"B98", "P08", "P09"})


def test_the_states_of_marketplaces_are_documented() -> None:
    page = (DOCS / "marketplaces.md").read_text("utf-8")
    assert all(f"`{state}`" in page for state in (*filter(None, TROUBLES), *CONFIRMATIONS))
