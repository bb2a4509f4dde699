"""The figures and the rows behind them: for whoever serves the shop."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r

TABLE: Final[dict[str, Route]] = {
    "metrics": _r("shop:view_orders"),
    "metrics-sheet": _r("shop:view_orders"),
    "metric": _r("shop:view_orders", 200, NONE, "metric"),
}


def example(world: Any, shop: Any, owner: Actor, now: datetime) -> dict[str, Any]:
    """The rows of one figure."""
    return {"metric": "pickup"}
