"""Services to send to, on this machine: one that speaks HTTP and keeps what it was posted, one that speaks SMTP."""

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class Web(ThreadingHTTPServer):
    """`posts`: (path, headers, JSON body). `answer`: (status, JSON body). With `hold` it answers when that is set."""

    daemon_threads = True

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], Any]] = []
        self.answer: tuple[int, Any] = (200, {"errcode": 0})
        self.hold: Event | None = None
        self.to = ""
        super().__init__(("127.0.0.1", 0), _Hand)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Hand(BaseHTTPRequestHandler):
    server: Web

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posts.append((self.path, dict(self.headers.items()), body))
        if self.server.hold:
            self.server.hold.wait(20)
        status, answer = self.server.answer
        text = json.dumps(answer).encode()
        self.send_response(status)
        if self.server.to:
            self.send_header("Location", self.server.to)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


class Post(socketserver.ThreadingTCPServer):
    """A mail server that takes everything: `mails` are (from, to, text). `login` False: it refuses who signs in."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []
        super().__init__(("127.0.0.1", 0), _Clerk)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Clerk(socketserver.StreamRequestHandler):
    server: Post

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        sender = to = ""
        self.say("220 here")
        while line := self.rfile.readline().decode():
            word = line.split(":")[0].split()[0].upper()
            if word == "MAIL":
                sender = line
            elif word == "RCPT":
                to = line
            elif word == "DATA":
                self.say("354 go on")
                text = ""
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    text += part
                self.server.mails.append((sender.strip(), to.strip(), text))
            elif word == "AUTH":
                self.say("535 no")
                continue
            elif word == "EHLO":
                self.say("250-here")
                self.say("250 AUTH PLAIN LOGIN")
                continue
            elif word == "QUIT":
                self.say("221 bye")
                return
            self.say("250 ok")


@contextmanager
def running(server: Any) -> Iterator[Any]:
    """The server at work, in a thread."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
