"""One shop on WooCommerce: pulls by when orders moved, tells parcels in a field of the order, listens to its webhooks."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from fahuo.connectors.contract import (
    Found,
    FoundRefund,
    Outcome,
    Progress,
    Pushed,
    Receiver,
    Settings,
    Shipment,
    Trouble,
    garbage,
    unanswered,
)
from fahuo.connectors.web import Answer, Request, Transport, Unanswered
from fahuo.connectors.woocommerce import reading
from fahuo.rules.problems import Problem

SIZE: Final = 100
LONGEST_BAN: Final = 3600


class Gone(Exception):  # noqa: N818  # no error of ours
    """There is no such order."""


class WooConnector:
    """See connectors.contract.Connector and Pushes."""

    def __init__(self, settings: Settings, transport: Transport, now: datetime) -> None:
        self.settings, self.transport, self.now = settings, transport, now
        self.base = f"{settings['address'].rstrip('/')}/wp-json/wc/v3"
        word = base64.b64encode(f"{settings['key']}:{settings['secret']}".encode()).decode()
        self.headers = {"Authorization": f"Basic {word}", "Content-Type": "application/json"}

    def check(self) -> str:
        """Asks for one order."""
        self._json("GET", "/orders", {"per_page": "1"})
        return self.settings["address"].partition("://")[2]

    def changes(self, since: datetime, until: datetime) -> Iterator[list[Found]]:
        """By when they moved, the earliest first, page after page: an order that moves meanwhile goes behind the end, and
        what stood after it comes forward; so the window is read again from where it moved until a whole round is quiet."""
        return self._window({"modified_after": since, "modified_before": until, "orderby": "modified"})

    def backlog(self, since: datetime, until: datetime) -> Iterator[list[Found]]:
        """By when they were made: such a window never changes."""
        return self._window({"after": since, "before": until, "orderby": "date"})

    def _window(self, window: Mapping[str, Any]) -> Iterator[list[Found]]:
        given = {name: _text(value) for name, value in window.items()}
        given |= {"dates_are_gmt": "true", "order": "asc", "per_page": str(SIZE), "status": "any"}
        last = self._pages(given)
        # from the last page backwards: what leaves the window moves the rest towards pages that are still to be read
        for page in range(last, 0, -1):
            rows, pages = self._page(given, page)
            if len(rows) < SIZE and page < pages:
                raise garbage("orders")
            yield [reading.found_of(row) for row in rows]

    def _pages(self, given: Mapping[str, str]) -> int:
        return self._page(given, 1)[1]

    def _page(self, given: Mapping[str, str], page: int) -> tuple[list[dict[str, Any]], int]:
        answer, rows = self._json("GET", "/orders", {**given, "page": str(page)})
        pages = answer.headers.get("x-wp-totalpages", "")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not pages.isdecimal():
            raise garbage("orders")
        return rows, int(pages)

    def read(self, refs: Sequence[str]) -> list[Found]:
        """Up to a hundred in one call."""
        found: dict[str, Found] = {}
        for first in range(0, len(refs), SIZE):
            wanted = refs[first : first + SIZE]
            given = {"include": ",".join(wanted), "per_page": str(SIZE), "status": "any"}
            _, rows = self._json("GET", "/orders", given)
            if not isinstance(rows, list):
                raise garbage("orders")
            found |= {each.ref: each for row in rows if isinstance(row, dict) for each in [reading.found_of(row)]}
        return [found.get(ref, Found(ref)) for ref in refs]

    def refunds(self, since: datetime, until: datetime) -> Iterator[list[FoundRefund]]:
        """An order tells its refunds itself."""
        for page in self.changes(since, until):
            yield [
                FoundRefund(each.ref, "", "succeeded", each.draft.refund_amount, each.modified)
                for each in page if each.draft is not None and each.draft.refund_amount > Decimal(0)
            ]  # fmt: skip

    def confirm(self, shipments: Sequence[Shipment]) -> list[Outcome]:
        """The order is read, the parcel put into its field; when all lines have left it becomes `completed`."""
        found: list[Outcome] = []
        for row in shipments:
            try:
                found.append(self._confirm(row))
            except Gone:
                found.append(Outcome("refused", Problem("marketplace_refused", {"code": "404"})))
            except Trouble as trouble:
                later = Outcome("again", trouble.problem, trouble.seconds)
                if trouble.kind in ("limited", "unauthorised"):
                    return found + [later] * (len(shipments) - len(found))
                found.append(Outcome("refused", trouble.problem) if trouble.kind == "refused" else later)
        return found

    def _confirm(self, row: Shipment) -> Outcome:
        _, order = self._json("GET", f"/orders/{row.ref}", {})
        if not isinstance(order, dict) or str(order.get("id")) != row.ref:
            raise garbage("order")
        if order.get("status") in ("cancelled", "refunded", "failed", "trash"):
            return Outcome("refused", Problem("marketplace_refused", {"code": str(order["status"])}))
        standing = reading.parcels_of(order)
        mine = [row.carrier, row.waybill, ",".join(row.lines)]
        kept = [each for each in standing if each != mine and (row.before is None or tuple(each[:2]) != row.before)]
        parcels = [*kept, mine]
        whole = any(not each[2] for each in parcels)
        told = {line for each in parcels for line in each[2].split(",")}
        lines = {str(line.get("id")) for line in order.get("line_items") or ()}
        gone = whole or (bool(lines) and lines <= told)
        if parcels == standing and (not gone or order.get("status") == "completed"):
            return Outcome("done")
        change: dict[str, Any] = {"meta_data": [{"key": reading.PARCELS, "value": parcels}]}
        if gone:
            change["status"] = "completed"
        _, after = self._json("PUT", f"/orders/{row.ref}", {}, change)
        if not isinstance(after, dict) or mine not in reading.parcels_of(after):
            return Outcome("again", Problem("marketplace_garbage", {"what": "order"}))
        return Outcome("done")

    def receivers(self, marks: Sequence[tuple[str, str]]) -> list[Receiver | Problem]:
        """Nothing is masked here."""
        return [Problem("marketplace_receiver") for _ in marks]

    def read_push(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Pushed:
        """A webhook `order.updated` and its kin, signed with the webhook's secret."""
        secret = self.settings.get("push_secret") or ""
        made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        if not secret or not hmac.compare_digest(made.encode(), headers.get("x-wc-webhook-signature", "").encode()):
            raise Trouble("refused", Problem("push_refused", {"what": "sign"}))
        try:
            found = json.loads(body)
            ref = str(found["id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Trouble("refused", Problem("push_refused", {"what": "body"})) from None
        if not ref.isdecimal() or len(ref) > 19:
            raise Trouble("refused", Problem("push_refused", {"what": "id"}))
        return Pushed(refs=(ref,))

    def answer_push(self, pushed: Pushed, progress: Mapping[str, Progress]) -> dict[str, Any]:
        """Nobody reads it."""
        return {"ok": True}

    def _json(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> tuple[Answer, Any]:
        """The answer and its JSON. Raises Trouble, or Gone for an order that is not there."""
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        sent = b"" if body is None else json.dumps(body).encode()
        try:
            answer = self.transport(Request(method, url, self.headers, sent))
        except Unanswered as error:
            raise unanswered(error.why) from None
        if answer.status == 404 and path != "/orders":
            raise Gone
        if answer.status == 429:
            told = answer.headers.get("retry-after", "")
            seconds = min(int(told), LONGEST_BAN) if told.isdecimal() else 30
            raise Trouble("limited", Problem("marketplace_limited", {"seconds": seconds}), seconds=seconds)
        if answer.status in (401, 403):
            raise Trouble("unauthorised", Problem("marketplace_unauthorised"))
        if answer.status >= 500 or not 200 <= answer.status < 500:
            raise unanswered(f"http:{answer.status}")
        if answer.status >= 400:
            raise Trouble("refused", Problem("marketplace_refused", {"code": str(answer.status)}))
        try:
            return answer, json.loads(answer.body)
        except (ValueError, RecursionError):
            raise garbage(path) from None


def _text(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S") if isinstance(value, datetime) else str(value)
