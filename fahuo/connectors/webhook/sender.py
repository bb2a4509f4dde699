"""Sending events in a child process: bounded in time, without this process's memory, proxies or secrets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from fahuo.connectors.notify import sender

LIMIT = 12.0
"""Seconds after which the child is ended, whatever it is doing."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, ready to go."""

    id: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to one address."""

    address: str
    events: Sequence[Event]


def send(parcels: Sequence[Parcel], *, private: bool, seconds: float = LIMIT) -> dict[int, str]:
    """Send events; id -> why it did not go, "" where it did (see child.py). One that is missing was not begun: nobody heard
    of it. One that was in hand when the time was up is a `timeout`.

    `private`: addresses may lie in private networks.
    """
    asked = {"private": private, "webhooks": [asdict(parcel) for parcel in parcels]}
    said = sender.run("fahuo.connectors.webhook.child", asked, seconds=seconds)
    return {event: "timeout" if why == "begun" else why for event, why in said.items()}
