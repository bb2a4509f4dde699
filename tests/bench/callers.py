"""Many clients of the API in one cheap process: each keeps its connection, sends a call, waits for the answer, sends the next.

No library: the client shares the two cores with what it measures, so it must cost little. It speaks to this machine only,
and ends when its calls are made.
"""

import select
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Told:
    """What came back: seconds in all, answers by status, and how long each call took (sorted, in seconds)."""

    seconds: float
    statuses: dict[int, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    def percentile(self, share: float) -> float:
        return self.took[min(int(len(self.took) * share), len(self.took) - 1)]


class _Caller:
    """One client: its connection, and what of the answer has come."""

    def __init__(self, port: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port))
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = b""
        self.sent = 0.0

    def send(self, call: bytes) -> None:
        self.sent = time.perf_counter()
        self.line.sendall(call)

    def heard(self) -> int | None:
        """The status of the answer, once it is here whole."""
        came = self.line.recv(65536)
        if not came:
            raise ConnectionError("the server closed the line")
        self.held += came
        head, there, body = self.held.partition(b"\r\n\r\n")
        if not there:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return None
        self.held = body[length:]
        return int(head[9:12])


def run(port: int, calls: Sequence[bytes], clients: int) -> Told:
    """Make these calls with so many clients, each as soon as one has its last answer."""
    waiting = list(reversed(calls))
    callers = {caller.line.fileno(): caller for caller in (_Caller(port) for _ in range(clients))}
    poll = select.epoll()
    told = Told(0.0)
    begun = time.perf_counter()
    for number, caller in callers.items():
        poll.register(number, select.EPOLLIN)
        if waiting:
            caller.send(waiting.pop())
    left = len(calls)
    while left:
        for number, _ in poll.poll(60):
            caller = callers[number]
            status = caller.heard()
            if status is None:
                continue
            told.took.append(time.perf_counter() - caller.sent)
            told.statuses[status] = told.statuses.get(status, 0) + 1
            left -= 1
            if waiting:
                caller.send(waiting.pop())
    told.seconds = time.perf_counter() - begun
    for caller in callers.values():
        caller.line.close()
    told.took.sort()
    return told


def request(method: str, path: str, key: str, body: bytes, *, idempotency: str = "") -> bytes:
    """A call of our API as bytes."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if idempotency:
        headers["Idempotency-Key"] = idempotency
    return call(method, f"/api/v1{path}", headers, body)


def call(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A call of any server as bytes."""
    named = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{named}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
