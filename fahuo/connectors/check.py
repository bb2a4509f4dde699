"""The conformance suite: holds any connector to the contract, whoever wrote it.

It needs no network and no account: a `Script` plays the other side with recorded answers, and every call is spoilt in turn
in every way that a network knows. What comes back is a list of complaints; an empty one means that the connector keeps the
contract. `python -m fahuo.connectors.check NAME FOLDER` does it from the command line, with the payloads of a folder.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fahuo.connectors.contract import Connector, Found, Marketplace, Outcome, Receiver, Shipment, Trouble
from fahuo.connectors.web import Answer, Request, Transport, Unanswered
from fahuo.rules.orders import OrderDraft
from fahuo.rules.problems import Problem, sentences

NOW: Final = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SINCE: Final = NOW - timedelta(hours=1)
JUNK: Final = (b"", b"null", b"[]", b"{", b'{"a":1}', b"<html>", b'"x"', b"0", "乱".encode("gbk"), b"[" * 100_000)
"""Bodies that mean nothing to anybody."""


@dataclass
class Script:
    """Plays the other side: `reply` answers a request; `spoil` may take its place at the n-th call."""

    reply: Transport
    spoil: Callable[[int, Request], Answer | None] = lambda place, request: None
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        spoilt = self.spoil(len(self.asked) - 1, request)
        return self.reply(request) if spoilt is None else spoilt


@dataclass(frozen=True)
class Recorded:
    """What a connector is tried with: settings, the other side, orders that it tells, shipments that it takes.

    `personal`: texts of the recorded receivers, which must turn up in no problem.
    """

    settings: Mapping[str, str]
    reply: Transport
    refs: Sequence[str]
    shipments: Sequence[Shipment]
    personal: Sequence[str] = ()


def check(kind: Marketplace, recorded: Recorded) -> list[str]:
    """What the connector does not keep of the contract."""
    found = _fields(kind)
    acts = _acts(recorded)
    for name, act in acts.items():
        script = Script(recorded.reply)
        try:
            result = act(_made(kind, recorded, script))
        except Exception as error:
            found.append(f"{name}: fails on recorded answers: {type(error).__name__}")
            continue
        found += _shape(name, result, recorded)
        found += _spoilt(kind, recorded, name, act, len(script.asked))
    return found


def _fields(kind: Marketplace) -> list[str]:
    wrong = [
        f"field {field.name} has no name in both languages" for field in kind.fields if not (field.zh and field.en)
    ]
    if kind.window <= kind.overlap or kind.at_once < 1:
        wrong.append("window must be longer than overlap, at_once at least 1")
    return wrong


def _made(kind: Marketplace, recorded: Recorded, script: Script) -> Connector:
    made: Connector = kind.make(dict(recorded.settings), script, NOW)
    return made


def _acts(recorded: Recorded) -> dict[str, Callable[[Connector], Any]]:
    return {
        "check": lambda it: it.check(),
        "changes": lambda it: [found for page in it.changes(SINCE, NOW) for found in page],
        "backlog": lambda it: [found for page in it.backlog(SINCE, NOW) for found in page],
        "read": lambda it: it.read(recorded.refs),
        "refunds": lambda it: [found for page in it.refunds(SINCE, NOW) for found in page],
        "confirm": lambda it: it.confirm(recorded.shipments),
        "receivers": lambda it: it.receivers([(ref, "mark") for ref in recorded.refs]),
    }


def _shape(name: str, result: Any, recorded: Recorded) -> list[str]:
    """What is wrong with the results of an act whose answers were good."""
    if name in ("changes", "backlog", "read"):
        return _orders(name, result, recorded)
    if name == "confirm":
        return _outcomes(result, recorded)
    if name == "receivers":
        fits = len(result) == len(recorded.refs) and all(isinstance(each, (Receiver, Problem)) for each in result)
        return [] if fits else ["receivers: not one answer a row"]
    return []


def _orders(name: str, result: Sequence[Found], recorded: Recorded) -> list[str]:
    wrong = []
    if name == "read" and [found.ref for found in result] != list(recorded.refs):
        wrong.append("read: not the same orders in the same order")
    if not result:
        wrong.append(f"{name}: no order came of the recorded answers")
    for found in result:
        if found.draft is not None and found.problem is not None:
            wrong.append(f"{name}: {found.ref} is read and a problem at once")
        if isinstance(found.draft, OrderDraft):
            for at in (found.draft.ordered_at, found.draft.paid_at, found.draft.channel_deadline, found.modified):
                if at is not None and at.tzinfo is None:
                    wrong.append(f"{name}: {found.ref} has a time without a zone")
        wrong += _telling(name, found.problem, recorded)
    return wrong


def _outcomes(result: Sequence[Outcome], recorded: Recorded) -> list[str]:
    if len(result) != len(recorded.shipments):
        return ["confirm: not one outcome a row"]
    wrong = []
    for outcome in result:
        if outcome.verdict == "refused" and outcome.problem is None:
            wrong.append("confirm: refused without a reason")
        wrong += _telling("confirm", outcome.problem, recorded)
    return wrong


def _telling(name: str, problem: Problem | None, recorded: Recorded) -> list[str]:
    """A problem has its sentence, and names nobody."""
    if problem is None:
        return []
    if problem.code not in sentences():
        return [f"{name}: {problem.code} has no sentence"]
    said = problem.sentence("zh") + problem.sentence("en")
    return [f"{name}: {problem.code} tells personal data" for text in recorded.personal if text and text in said]


def _spoilt(
    kind: Marketplace, recorded: Recorded, name: str, act: Callable[[Connector], Any], calls: int
) -> Iterator[str]:  # fmt: skip
    """Each call spoilt in every way: nothing but Trouble may come out, and rows keep their outcomes."""
    for place in range(calls):
        for what, spoil in _ways(place):
            script = Script(recorded.reply, spoil)
            try:
                result = act(_made(kind, recorded, script))
            except Trouble as trouble:
                yield from _telling(name, trouble.problem, recorded)
                if trouble.kind == "limited" and trouble.seconds < 1:
                    yield f"{name}: limited for no time at all"
                continue
            except Exception as error:
                yield f"{name}: {what} at call {place + 1}: {type(error).__name__} instead of Trouble"
                continue
            if name == "confirm":
                yield from _outcomes(result, recorded)
                if all(outcome.verdict == "done" for outcome in result):
                    yield f"confirm: {what} at call {place + 1}: all rows done although a call was spoilt"


def _ways(place: int) -> Iterator[tuple[str, Callable[[int, Request], Answer | None]]]:
    def at(make: Callable[[], Answer]) -> Callable[[int, Request], Answer | None]:
        return lambda n, _: make() if n == place else None

    def lost(sent: bool) -> Answer:
        raise Unanswered("timeout", sent=sent)

    yield "no answer", at(lambda: lost(False))
    yield "lost answer", at(lambda: lost(True))
    for status in (400, 401, 403, 404, 429, 500, 502, 503, 302):
        yield f"status {status}", at(lambda status=status: Answer(status, {}, b""))  # type: ignore[misc]
    for body in JUNK:
        yield f"junk {body[:8]!r}", at(lambda body=body: Answer(200, {}, body))  # type: ignore[misc]


def folder_reply(folder: Path) -> Transport:
    """Answers from a folder of payloads: `index.json` maps a text that the request holds to a file; the first that fits."""
    index: list[list[str]] = json.loads((folder / "index.json").read_text("utf-8"))

    def reply(request: Request) -> Answer:
        asked = f"{request.method} {request.url}\n".encode() + request.body
        for text, file in index:
            if all(part.encode() in asked for part in text.split(" & ")):
                headers = {"x-wp-totalpages": "1", "x-wp-total": "1"}
                return Answer(200, headers, (folder / file).read_bytes())
        return Answer(404, {}, b"{}")

    return reply


def recorded_in(folder: Path) -> Recorded:
    """What `recorded.json` of a folder of payloads says."""
    told = json.loads((folder / "recorded.json").read_text("utf-8"))
    shipments = [
        Shipment(row["ref"], row["carrier"], row["waybill"], tuple(row.get("lines", ()))) for row in told["shipments"]
    ]
    return Recorded(told["settings"], folder_reply(folder), told["refs"], shipments, told.get("personal", ()))


def main(arguments: Sequence[str]) -> int:
    """See the top of this file."""
    from fahuo.connectors.marketplaces import marketplaces

    if len(arguments) != 2 or arguments[0] not in marketplaces():
        print(f"usage: python -m fahuo.connectors.check {{{','.join(marketplaces())}}} FOLDER", file=sys.stderr)
        return 2
    complaints = check(marketplaces()[arguments[0]], recorded_in(Path(arguments[1])))
    print("\n".join(complaints) or "keeps the contract")
    return 1 if complaints else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
