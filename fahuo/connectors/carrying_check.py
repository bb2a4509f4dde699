"""The conformance suite: holds any connector to a carrier's service to its contract, whoever wrote it.

It needs no network and no account: `reply` plays the service, and every call of every act is spoilt in turn in every way
that a network knows. What comes back is a list of complaints; an empty one means that the connector keeps the contract.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fahuo.connectors.carrying import Booking, Consignment, Number, Numbered, Outcome, Service, Tracked
from fahuo.connectors.contract import Trouble
from fahuo.connectors.web import Answer, Request, Transport, Unanswered
from fahuo.rules.carrying import ACTS
from fahuo.rules.labels import Party
from fahuo.rules.problems import Problem, sentences

NOW: Final = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
JUNK: Final = (b"", b"null", b"[]", b"{", b'{"a":1}', b"<html>", b'"x"', b"0", "乱".encode("gbk"), b"[" * 100_000)
"""Bodies that mean nothing to anybody."""
_NOBODY: Final = Party("无名", "17000000000")


@dataclass(frozen=True)
class Played:
    """What a connector is tried with: settings, a maker of services with empty books, parcels that it serves, numbers that
    it can follow and give back. `personal`: texts of the receivers, which must turn up in no problem."""

    settings: Mapping[str, str]
    service: Callable[[], Transport]
    consignments: Sequence[Consignment]
    personal: Sequence[str] = ()


@dataclass
class _Wire:
    reply: Transport
    at: int = -1
    spoil: Callable[[], Answer] | None = None
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        if self.spoil is not None and len(self.asked) - 1 == self.at:
            return self.spoil()
        return self.reply(request)


def _never(sent: bool) -> Callable[[], Answer]:
    def fail() -> Answer:
        raise Unanswered("timeout" if sent else "no_connection", sent=sent)

    return fail


def _spoils() -> Iterator[tuple[str, Callable[[], Answer]]]:
    yield "never sent", _never(False)
    yield "lost", _never(True)
    for status in (302, 429, 500, 503):
        yield f"http {status}", lambda status=status: Answer(status, {}, b"")  # type: ignore[misc]  # bound now
    for body in JUNK:
        yield f"junk {body[:8]!r}", lambda body=body: Answer(200, {}, body)  # type: ignore[misc]  # bound now


def check(kind: Service, played: Played) -> list[str]:
    """What the connector does not keep of the contract."""
    found = _declared(kind)
    for act, rows, blank in _acts(played):
        wire = _Wire(_service(kind, played, act, rows))
        whole = _call(kind, played, wire, act, rows, found, f"{act} on a good day", blank)
        calls = len(wire.asked)
        if act not in kind.can:
            found += [f"{act}: asks, though it cannot"] if calls else []
            found += [f"{act}: says done, though it cannot"] if any(each.verdict == "done" for each in whole) else []
            continue
        found += [f"{act}: not done on a good day"] if any(each.verdict != "done" for each in whole) else []
        for place in range(min(calls, 4)):
            for name, spoil in _spoils():
                spoilt = _Wire(_service(kind, played, act, rows), place, spoil)
                outs = _call(kind, played, spoilt, act, rows, found, f"{act} with call {place} {name}", blank)
                if all(each.verdict == "done" for each in outs) and calls == 1:
                    found.append(f"{act} with call {place} {name}: says done")
    if "order" in kind.can and not found:
        found += _same_again(kind, played)
    return found


def _service(kind: Service, played: Played, act: str, rows: Sequence[Any]) -> Transport:
    """A service with empty books; where couriers are to be called off, they were called."""
    service = played.service()
    if act == "call_off" and "pickup" in kind.can:
        kind.make(played.settings, service, NOW).pickup(rows)
    return service


def _declared(kind: Service) -> list[str]:
    names = [each.name for each in kind.fields]
    found = [f"field {name} twice" for name in names if names.count(name) > 1]
    found += [f"field {each.name}: no words" for each in kind.fields if not (each.zh and each.en)]
    found += [f"field {each.name}: default is no choice" for each in kind.fields if each.default and each.choices and each.default not in each.choices]  # fmt: skip
    found += [f"cannot know {act}" for act in kind.can if act not in ACTS]
    return found + ([] if kind.zh and kind.en and kind.codes else ["no names or no carriers"])


def _acts(played: Played) -> Iterator[tuple[str, Sequence[Any], type[Outcome]]]:
    rows = played.consignments
    numbers = [Number(row.carrier, f"N{place}", row.reference) for place, row in enumerate(rows)]
    yield "order", rows, Numbered
    yield "track", numbers, Tracked
    yield "subscribe", numbers, Outcome
    bookings = [Booking(row.reference, row.carrier, _NOBODY, NOW, NOW + timedelta(hours=2)) for row in rows]
    yield "pickup", bookings, Outcome
    yield "call_off", bookings, Outcome


def _call(
    kind: Service, played: Played, wire: Transport, act: str, rows: Sequence[Any], found: list[str], where: str,
    blank: type[Outcome],
) -> list[Any]:  # fmt: skip
    """The outcomes; complaints about their form are added to `found`."""
    more = ("https://desk.example/push/",) if act == "subscribe" else ()
    try:
        outs = getattr(kind.make(played.settings, wire, NOW), act)(rows, *more)
    except Exception as error:
        found.append(f"{where}: raises {type(error).__name__}")
        return []
    if len(outs) != len(rows) or not all(isinstance(each, blank) for each in outs):
        found.append(f"{where}: not one outcome a row")
        return []
    for out in outs:
        found += [f"{where}: {each}" for each in _wrong(out, played.personal)]
    return list(outs)


def _wrong(out: Outcome, personal: Sequence[str]) -> Iterator[str]:
    if out.verdict not in ("done", "again", "refused"):
        yield f"verdict {out.verdict}"
    if (out.problem is None) != (out.verdict == "done"):
        yield f"{out.verdict} with problem {out.problem}"
    if isinstance(out, Numbered) and (out.verdict == "done") != bool(out.waybill):
        yield "a number without done, or done without a number"
    if isinstance(out, Tracked) and any(scan.at.tzinfo is None for scan in out.scans):
        yield "a scan without a zone"
    if out.problem is not None:
        if out.problem.code not in sentences():
            yield f"no sentence for {out.problem.code}"
        if any(word in str(out.problem.data) for word in personal):
            yield "a problem that names people"


def _same_again(kind: Service, played: Played) -> Iterator[str]:
    """A lost answer at any call: asked again under the same references, each row has one number, the same for good."""
    for place in range(len(played.consignments)):
        service = played.service()

        def lose(service: Transport = service, place: int = place) -> Transport:
            count = -1

            def send(request: Request) -> Answer:
                nonlocal count
                count += 1
                answer = service(request)
                if count == place:
                    raise Unanswered("timeout", sent=True)
                return answer

            return send

        first = kind.make(played.settings, lose(), NOW).order(played.consignments)
        rows = [replace(row, asked=out.sent) for row, out in zip(played.consignments, first, strict=True)]
        again = kind.make(played.settings, service, NOW + timedelta(minutes=1)).order(rows)
        last = kind.make(played.settings, service, NOW + timedelta(minutes=2)).order(
            [replace(row, asked=True) for row in rows]
        )
        for one, two, three in zip(first, again, last, strict=True):
            if two.verdict != "done" or (two.waybill, three.waybill) != (three.waybill, one.waybill or two.waybill):
                yield f"order with answer {place} lost: not the same number again"
        if len({out.waybill for out in last}) != len(last):
            yield f"order with answer {place} lost: a number twice"


def heard(kind: Service, played: Played, bodies: Sequence[bytes]) -> list[str]:
    """Complaints about pushes: whatever comes unsigned is refused by Trouble, and a refusal can be answered."""
    found = []
    connector = kind.make(played.settings, played.service(), NOW)
    for body in (*JUNK, *bodies):
        try:
            connector.read_push({}, {}, body)
        except Trouble as trouble:
            if trouble.kind != "refused":
                found.append(f"push {body[:20]!r}: {trouble.kind}")
            reply = connector.answer_push(trouble.problem, NOW)
            found += [] if isinstance(reply.body, dict) else [f"push {body[:20]!r}: no answer"]
        except Exception as error:
            found.append(f"push {body[:20]!r}: raises {type(error).__name__}")
        else:
            found.append(f"push {body[:20]!r}: heard without a signature")
    found += [] if isinstance(connector.answer_push(None, NOW).body, dict) else ["no answer to a good push"]
    found += [] if isinstance(connector.answer_push(Problem("push_refused", {"what": "sign"}), NOW).status, int) else ["no status"]  # fmt: skip
    return found
