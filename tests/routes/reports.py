"""Delay reports as a shop files them; the example is the one of the platform's desk, which waits and has no file."""

from typing import Final

from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r

DOOR: Final = "shop:report_delays"
TABLE: Final[dict[str, Route]] = {
    "reports": _r(DOOR),
    "report-new": _r(DOOR, 200, 302, step="file", timing="urgent", scope="shop", until="{later}", name="停运"),
    "report": _r(DOOR, 200, NONE, "report_id"),
    "report-withdraw": _r(DOOR, NONE, 302, "report_id"),
    "report-evidence": _r(DOOR, NONE, 302, "report_id", body="x"),
    "report-file": _r(DOOR, 404, NONE, "report_id", "evidence_id"),
}
