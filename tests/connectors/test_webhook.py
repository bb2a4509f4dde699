"""Events to a receiver that behaves badly: what became of each is known, in bounded time."""

import time

import pytest

from fahuo.connectors.webhook import sender
from fahuo.connectors.webhook.child import SECONDS
from fahuo.connectors.webhook.sender import Event, Parcel
from tests.connectors.receiver import Receiver
from tests.connectors.sinks import running


def event(number: int) -> Event:
    return Event(number, {"Content-Type": "application/json", "webhook-id": f"msg_{number}"}, f'{{"n":{number}}}')


def parcel(receiver: Receiver, *numbers: int) -> Parcel:
    return Parcel(receiver.address, [event(number) for number in numbers])


def test_events_arrive_as_they_are() -> None:
    with running(Receiver()) as receiver:
        assert sender.send([parcel(receiver, *range(1, 51))], private=True) == dict.fromkeys(range(1, 51), "")
        assert sorted(receiver.ids) == sorted(f"msg_{number}" for number in range(1, 51))
        headers, body = receiver.got[0]
        assert (headers["content-type"], headers["host"].split(":")[0]) == ("application/json", "127.0.0.1")
        assert body == f'{{"n":{headers["webhook-id"][4:]}}}'.encode()


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("late", ""), ("201", ""), ("500", "http:500"), ("410", "http:410"), ("redirect", "http:307"),
        ("garbage", "failed"), ("hangup", "no_connection"), ("huge", ""),
    ],
)  # fmt: skip
def test_what_an_address_does_is_named(way: str, why: str) -> None:
    with running(Receiver()) as receiver:
        receiver.way = way
        assert sender.send([parcel(receiver, 1)], private=True) == {1: why}
        assert not any("elsewhere" in headers.get("path", "") for headers, _ in receiver.got)


def test_a_silent_and_a_dripping_address_end_in_time_and_hold_nobody_else() -> None:
    with running(Receiver()) as silent, running(Receiver()) as drip, running(Receiver()) as good:
        silent.way, drip.way = "never", "drip"
        begun = time.monotonic()
        parcels = [parcel(silent, *range(1, 30)), parcel(drip, 31), parcel(good, 41, 42)]
        said = sender.send(parcels, private=True, seconds=SECONDS + 1.5)
        assert time.monotonic() - begun < SECONDS + 4.5
        silent.free.set()
        drip.free.set()
    assert said.pop(31) == "timeout"
    assert (said.pop(41), said.pop(42)) == ("", "")
    assert set(said.values()) == {"timeout"}
    assert len(said) < 29, "those that were not begun are not told of"


def test_a_kept_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    with running(Receiver()) as receiver:
        receiver.ways = ["good", "hangup", "good", "hangup"]
        said = sender.send([parcel(receiver, 1, 2, 3)], private=True)
        assert set(said.values()) <= {"", "no_connection"}
        assert list(said.values()).count("") >= 2


def test_private_networks_are_out_of_reach() -> None:
    with running(Receiver()) as receiver:
        port = receiver.server_address[1]
        parcels = [
            Parcel(address, [event(number)])
            for number, address in enumerate((f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://[::ffff:127.0.0.1]:{port}/", "http://10.0.0.1/", "http://169.254.169.254/"))
        ]  # fmt: skip
        assert set(sender.send(parcels, private=False).values()) == {"private_address"}
        assert receiver.got == []


def test_an_address_that_nobody_answers() -> None:
    assert sender.send([Parcel("http://127.0.0.1:1/", [event(1)])], private=True) == {1: "no_connection"}
    assert sender.send([Parcel("https://127.0.0.1:1/", [event(1)])], private=True) == {1: "no_connection"}
