"""The evidence of a case in the order of time: facts of the order, acts, words and files of all parties on one line."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from fahuo.rules.deadlines import CLAUSES as DEADLINES
from fahuo.rules.masking import mask_phone
from fahuo.store.boards.platform_case import Case
from fahuo.web.order_history import KINDS as SCANS
from fahuo.web.order_history import story
from fahuo.web.order_words import carrier_word
from fahuo.web.platform_words import EVENTS, KINDS, OPENERS, OUTCOMES, PARTIES, STATES, clause_word, english, yuan

_PHONE: Final = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_TOLD: Final = frozenset(
    {"order.urged", "order.agreed", "order.reported", "order.exempted", "order.conflict", "order.conflict_settled",
     "order.updated", "parcel.corrected", "parcel.voided", "batch.undone"}
)  # fmt: skip
"""What the journal adds. Memos, flags, prints and looks at the receiver are the shop's own affair."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `party` seller, buyer, platform or clock; `tone` bad, warn, good or ""; `file` is (address, name, bytes)."""

    at: datetime
    party: str
    who: str
    icon: str
    title: str
    lines: tuple[str, ...] = ()
    tone: str = ""
    file: tuple[str, str, int] | None = None
    rank: int = 5
    """Among what happened at one instant: causes first."""


def timeline(case: Case, shop: str) -> list[Entry]:
    """All that happened, oldest first. `shop` is the shop's code."""
    sources = (
        _order(case), _parcels(case), _journal(case), _events(case), _messages(case), _complaints(case),
        _evidence(case, shop), _reports(case),
    )  # fmt: skip
    return sorted((entry for source in sources for entry in source), key=lambda entry: (entry.at, entry.rank))


def _quiet(text: str) -> str:
    """Words without phone numbers."""
    return _PHONE.sub(lambda found: mask_phone(found[0]), text)


def _order(case: Case) -> Iterator[Entry]:
    order = case.detail.order
    if order.paid_at:
        paid = gettext("买家付款 {amount}").format(amount=yuan(order.paid_amount))
        yield Entry(order.paid_at, "buyer", _who("buyer"), "wallet", paid, rank=0)
    why = case.detail.why
    if why.deadline:
        zh, en = DEADLINES.get(why.clause, (why.clause, why.clause))
        said = tuple(asked.en if english() else asked.zh for asked in why.asked if asked.clause == why.clause)
        late = order.shipped_at is None or order.shipped_at > why.deadline
        title = gettext("最晚发货期限（{clause}）").format(clause=en if english() else zh)
        yield Entry(why.deadline, "clock", _who("clock"), "alarm-clock", title, said, "bad" if late else "", rank=1)
    for at, title, icon in (
        (order.completed_at, gettext("交易成功"), "circle-check"), (order.closed_at, gettext("交易关闭"), "circle-x"),
    ):  # fmt: skip
        if at:
            lines = (order.close_reason,) if icon == "circle-x" and order.close_reason else ()
            yield Entry(at, "clock", _who("clock"), icon, title, lines, rank=9)


def _parcels(case: Case) -> Iterator[Entry]:
    for parcel in case.detail.parcels:
        title = gettext("卖家发货：{carrier} {waybill}").format(
            carrier=carrier_word(parcel.carrier), waybill=parcel.waybill
        )
        lines = () if parcel.whole else (gettext("只发了一部分"),)
        voided = (gettext("这个包裹后来作废了"),) if parcel.voided_at else ()
        yield Entry(parcel.shipped_at, "seller", _who("seller"), "truck", title.strip(), lines + voided)
        for scan in parcel.scans:
            at = parse_datetime(scan["at"])
            if at is not None:
                word = gettext("快递{scan} {place}").format(
                    scan=SCANS.get(scan["kind"], scan["kind"]), place=scan["place"]
                )
                yield Entry(at, "clock", gettext("快递"), "scan-line", word.strip())


def _journal(case: Case) -> Iterator[Entry]:
    for row in case.detail.history:
        if row.act not in _TOLD and not row.act.startswith("refund."):
            continue
        told = story(row)
        if row.act == "order.updated" and not told.changes:
            continue
        buyer = row.actor == "buyer"
        icon = "bell-ring" if row.act == "order.urged" else "pencil-line"
        who = _who("buyer") if buyer else row.actor
        party = "buyer" if buyer else "seller"
        yield Entry(row.at, party, who, icon, told.act, told.changes, "warn" if icon == "bell-ring" else "", rank=2)


def _events(case: Case) -> Iterator[Entry]:
    for row in case.events:
        party = (
            row.actor
            if row.actor in ("buyer", "clock")
            else "platform"
            if row.event == "complaint_closed"
            else "seller"
        )
        word = str(EVENTS.get(row.event, row.event))
        title = f"{word} → {STATES.get(row.to_state, row.to_state)}" if row.from_state != row.to_state else word
        lines = [clause_word(row.clause), *_plan(row)]
        tone = "bad" if row.to_state == "platform_intervention" else ""
        who = _who(party) if party in ("buyer", "clock") else row.actor
        yield Entry(row.at, party, who, "list-todo", title, tuple(filter(None, lines)), tone, rank=3)


def _plan(row: Any) -> Iterator[str]:
    """Until when a reply promises."""
    data = json.loads(row.data) if isinstance(row.data, str) else row.data
    until = parse_datetime(str(data.get("until") or "")) if isinstance(data, dict) else None
    if until is not None:
        yield gettext("承诺 {time} 前发货").format(time=f"{timezone.localtime(until):%Y-%m-%d %H:%M}")


def _messages(case: Case) -> Iterator[Entry]:
    for row in case.messages:
        if row.kind == "card":
            yield Entry(row.at, "buyer", _who("buyer"), "contact", gettext("买家点了“继续联系卖家”"))
            continue
        party = "buyer" if row.sender == "buyer" else "seller"
        who = _who("buyer") if party == "buyer" else row.name or _who("seller")
        title = gettext("自动回复") if row.kind == "auto" else gettext("聊天消息")
        yield Entry(row.at, party, who, "message-square", title, (_quiet(row.body),))


def _complaints(case: Case) -> Iterator[Entry]:
    for row in case.complaints:
        title = OPENERS.get(row.opened_by, row.opened_by) + gettext("：") + KINDS.get(row.kind, row.kind)
        party = "buyer" if row.opened_by == "buyer" else "platform"
        yield Entry(row.opened_at, party, _who(party), "flag", title, (), "warn", rank=4)
        if row.closed_at:
            word, tone, icon = OUTCOMES[row.status]
            lines = [row.statement] if row.statement else []
            if row.compensation or row.points or row.status in ("upheld", "settled"):
                lines.append(
                    gettext("赔付 {amount}，扣 {points} 分").format(amount=yuan(row.compensation), points=row.points)
                )
            by = {"withdrawn": "buyer", "settled": "seller"}.get(row.status, "platform")
            who = _who("buyer") if by == "buyer" else row.closed_by or _who(by)
            yield Entry(
                row.closed_at, by, who, icon, str(word), tuple(lines), tone if tone in ("bad", "good") else "", rank=6
            )


def _evidence(case: Case, shop: str) -> Iterator[Entry]:
    for row in case.evidence:
        file = None
        if row.file:
            parts = {"shop": shop, "order_id": case.detail.order.id, "evidence_id": row.id}
            file = (reverse("platform_evidence_file", kwargs=parts), row.file, row.size)
        lines = (_quiet(row.body),) if row.body else ()
        yield Entry(row.at, row.party, row.name or _who(row.party), "paperclip", gettext("提交凭证"), lines, file=file)


def _reports(case: Case) -> Iterator[Entry]:
    for row in case.reports:
        until = f"{timezone.localtime(row.until):%Y-%m-%d %H:%M}"
        filed = gettext("报备延迟发货“{name}”，到 {until}").format(name=row.name, until=until)
        yield Entry(row.filed_at, "seller", row.filed_by, "file-clock", filed)
        if row.answered_at:
            word = gettext("报备已批准") if row.status == "approved" else gettext("报备被驳回")
            lines = (row.answer,) if row.answer else ()
            yield Entry(row.answered_at, "platform", row.answered_by, "file-check", word, lines)


def _who(party: str) -> str:
    return str(PARTIES[party])
