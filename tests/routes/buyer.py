"""A buyer's own orders, and what only a demo has."""

from typing import Final

from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r

MINE: Final = ("shop", "order_id")
TABLE: Final[dict[str, Route]] = {
    "my": _r("buyer", 200, NONE),
    "my-order": _r("buyer", 200, NONE, *MINE),
    "my-talk": _r("buyer", 200, NONE, *MINE),
    "my-urge": _r("buyer", NONE, 302, *MINE),
    "my-contact": _r("buyer", NONE, 302, *MINE),
    "my-say": _r("buyer", NONE, 302, *MINE, body="在吗"),
    "my-answer": _r("buyer", NONE, 422, *MINE, answer="accept"),
    "my-refund": _r("buyer", NONE, 302, *MINE, amount="10.00", reason="不想要了"),
    "my-keep": _r("buyer", NONE, 422, *MINE),
    "my-receive": _r("buyer", NONE, 422, *MINE),
    "my-complain": _r("buyer", NONE, 302, *MINE, kind="delay"),
    "my-withdraw": _r("buyer", NONE, 422, *MINE),
    "my-evidence": _r("buyer", NONE, 422, *MINE, body="x"),
    "my-shops": _r("signed_in", 404, 404),
    "demo-clock": _r("signed_in", NONE, 404, by="hour"),
}  # fmt: skip
