"""The product's own web server over the test's database, in a process of its own on this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.services.test_batches import this_database


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """(address, port) of `fahuo web`."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "fahuo.cli.main", "web"],
        env={**os.environ, "DATABASE_URL": this_database(), "FAHUO_PORT": str(port), "FAHUO_BIND": "127.0.0.1"},
    )
    try:
        until = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", port
    finally:
        process.terminate()
        process.wait(15)
