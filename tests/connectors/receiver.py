"""A receiver of webhooks on this machine, which behaves as it is told: well, late, never, or with garbage."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import Any


class Receiver(ThreadingHTTPServer):
    """`got`: (headers by small names, body as bytes) of every delivery, in the order they came. `well`: the ids of those
    that were answered well.

    `way`: good; STATUS (as text) answers that status; late answers after `pause`; never keeps the line silent until `free`;
    drip sends a byte of its answer every tenth of a second; garbage speaks no HTTP; hangup closes the line at once; redirect
    sends elsewhere; huge answers with megabytes. `ways` are for the first deliveries, one each.
    """

    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.well: list[str] = []
        self.way = "good"
        self.ways: list[str] = []
        self.pause = 0.3
        self.free = Event()
        self.lock = Lock()
        super().__init__(("127.0.0.1", 0), _Hand)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/in"

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    def events(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]


class _Hand(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            way = self.server.ways.pop(0) if self.server.ways else self.server.way
        if way == "late":
            time.sleep(self.server.pause)
        elif way == "never":
            self.server.free.wait(30)
        elif way == "hangup":
            self.close_connection = True
            return
        elif way == "garbage":
            self.wfile.write(b"\x00\xff this is no HTTP\r\n\r\n" * 10)
            self.close_connection = True
            return
        elif way == "drip":
            self._drip()
            return
        status = int(way) if way.isdigit() else 307 if way == "redirect" else 200
        if 200 <= status < 300:
            self.server.well.append(self.headers["webhook-id"])
        answer = b"x" * (4 * 2**20 if way == "huge" else 2)
        self.send_response(status)
        if way == "redirect":
            self.send_header("Location", self.server.address + "/elsewhere")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _drip(self) -> None:
        self.close_connection = True
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 1000:
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                return
            if self.server.free.wait(0.1):
                return

    def log_message(self, *_: object) -> None:
        pass
