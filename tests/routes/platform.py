"""The platform's desk. Verdicts and evidence that are taken are in tests/web/test_platform.py; here nothing waits for one."""

from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.rules.people import Actor, PlatformActor
from fahuo.services import regions, reports, rulebooks
from fahuo.store.models import Shop
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r

CASE: Final = ["shop", "order_id"]
REPORT: Final = ["shop", "report_id"]
TABLE: Final[dict[str, Route]] = {
    "platform": _r("platform", 200, NONE),
    "platform_case": _r("platform", 200, NONE, *CASE),
    "platform_verdict": _r("platform", NONE, 422, *CASE, verdict="upheld", statement="x"),
    "platform_evidence": _r("platform", NONE, 422, *CASE, body="x"),
    "platform_evidence_file": _r("platform", 404, NONE, *CASE, "evidence_id"),
    "platform_regions": _r("platform", 200, 200, code="710000", starts="2026-01-01T00:00", ends="{later}"),
    "platform_region_pick": _r("platform", 200, NONE),
    "platform_region_end": _r("platform", NONE, 302, "region_id"),
    "platform_reports": _r("platform", 200, NONE),
    "platform_reports_answer": _r("platform", NONE, 302, ids="{report_id}", answer="approve"),
    "platform_report": _r("platform", 200, NONE, *REPORT),
    "platform_report_answer": _r("platform", NONE, 302, *REPORT, answer="reject", reason="x"),
    "platform_report_file": _r("platform", 404, NONE, *REPORT, "evidence_id"),
    "platform_rules": _r("platform", 200, 422),
    "platform_rule_withdraw": _r("platform", NONE, 302, "addition_id"),
    "platform_shops": _r("platform", 200, NONE),
    "platform_shop_new": _r("platform", 200, 200, code="fresh", name="新", platform="taobao", owner="fresh-owner"),
    "platform_numbers": _r("platform", 200, NONE),
    "platform_rows": _r("platform", 404, NONE),
}


def _scheduled(now: datetime) -> int:
    """A rule version that is to come, of the other platform."""
    start = now + timedelta(days=400)
    text = f'[[version]]\nid = "next"\nfrom = {start.isoformat()}\nbasis = "norm"\nsource = "x"\n'
    return rulebooks.schedule(PlatformActor(), text, platform="tmall", now=now)


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A region that is exempt, and a report that waits."""
    later = now + timedelta(days=5)
    regions.list_exempt(PlatformActor(), "710000", now, later, book="taobao", now=now)
    report = world.get("report_id") or reports.file(owner, name="雪", until=later, scope="shop", now=now)
    return {
        "region_id": regions.listed("taobao")[0].id,
        "report_id": report,
        "evidence_id": 1,
        "addition_id": _scheduled(now),
    }
