"""The child process that sends events: JSON on stdin, one line of JSON on stdout for each event as it is settled.

In: {"private": bool, "webhooks": [{"address", "events": [{"id", "headers", "body"}]}]}. Out: {"id", "why"}; `why` is "" where the
address took it: it answered 200 to 299, and neither redirected nor said more than ANSWER bytes of what it pleased.
Otherwise private_address, timeout, no_connection, tls, http:STATUS, failed. `begun` is said before an event is sent; those
that were not begun in time are not told of, and the parent sends them later.

A webhook's events go one after the other in LINES lines, each with one connection that is kept.
"""

import http.client
import json
import queue
import socket
import ssl
import sys
import threading
import time
from typing import Any, Final
from urllib.parse import urlsplit

from fahuo.connectors.notify.guard import PrivateAddress, keep_out, said

LINES: Final = 4
SECONDS: Final = 5.0
"""To connect, and again for each piece of the answer."""
BEGIN_UNTIL: Final = 6.0
"""Seconds after which no further event is begun."""
ANSWER: Final = 65_536
"""Bytes of an answer that are read, so that the connection can be kept."""
BEGUN: Final = "begun"
printing = threading.Lock()


def tell(event: int, why: str) -> None:
    """One line to the parent."""
    with printing:
        print(json.dumps({"id": event, "why": why}), flush=True)


class Line:
    """A connection to one address, made when it is needed."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.port, self.secure = parts.hostname or "", parts.port, parts.scheme == "https"
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.kept: http.client.HTTPConnection | None = None

    def post(self, event: dict[str, Any]) -> str:
        """Send one event; why it did not go."""
        said.why = ""
        fresh = self.kept is None
        try:
            return self._post(event)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            if fresh:
                return "no_connection"
        except Exception as error:
            self.close()
            return said.why or _why(error)
        try:  # the address had closed a connection that was kept: that is no failure
            return self._post(event)
        except Exception as error:
            self.close()
            return said.why or _why(error)

    def _post(self, event: dict[str, Any]) -> str:
        if self.kept is None:
            kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
            self.kept = kind(self.host, self.port, timeout=SECONDS)
        self.kept.request("POST", self.path, event["body"].encode(), event["headers"])
        answer = self.kept.getresponse()
        read = answer.read(ANSWER)
        if answer.will_close or len(read) >= ANSWER:
            self.close()
        return "" if 200 <= answer.status < 300 else f"http:{answer.status}"

    def close(self) -> None:
        if self.kept is not None:
            self.kept.close()
            self.kept = None


def _why(error: Exception) -> str:
    if isinstance(error, PrivateAddress):
        return "private_address"
    if isinstance(error, TimeoutError | socket.timeout):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "no_connection" if isinstance(error, OSError) else "failed"


def keep_line(address: str, events: "queue.SimpleQueue[dict[str, Any]]", until: float) -> None:
    """Send the events of one webhook until there are none left, or it is too late to begin."""
    line = Line(address)
    while time.monotonic() < until:
        try:
            event = events.get_nowait()
        except queue.Empty:
            break
        tell(event["id"], BEGUN)
        tell(event["id"], line.post(event))
    line.close()


def main() -> None:
    """Send everything on stdin."""
    asked = json.load(sys.stdin)
    if not asked["private"]:
        keep_out()
    until = time.monotonic() + BEGIN_UNTIL
    threads = []
    for webhook in asked["webhooks"]:
        events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        for event in webhook["events"]:
            events.put(event)
        for _ in range(min(LINES, len(webhook["events"]))):
            threads.append(threading.Thread(target=keep_line, args=(webhook["address"], events, until)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
