"""Sending in a child process: bounded in time, without this process's memory, proxies or secrets."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LIMIT = 12.0
"""Seconds after which the child is ended, whatever it is doing: less than a clock that is told to stop has left."""
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "TMPDIR")
"""What the child knows of this process's environment. Proxies are left out: they would connect in its stead."""
ROOT = Path(__file__).resolve().parent.parent.parent.parent


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one channel. `kind` and `settings` as rules.notices.KINDS names them."""

    id: int
    kind: str
    settings: dict[str, str]
    title: str
    body: str


def send(messages: Sequence[Message], *, private: bool, seconds: float = LIMIT) -> dict[int, str]:
    """Send messages; id -> why it did not go, "" where it did (see child.py). What was not settled in time: `timeout`.

    `private`: channels may lie in private networks.
    """
    asked = {"private": private, "messages": [asdict(message) for message in messages]}
    found = {message.id: "timeout" for message in messages}
    return found | run("fahuo.connectors.notify.child", asked, seconds=seconds)


def run(module: str, asked: dict[str, Any], *, seconds: float) -> dict[int, str]:
    """Let a child process of ours send what is asked; the last that it said of each id. It is ended when the time is up."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-m", module], env=environment, cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        said, _ = child.communicate(json.dumps(asked), timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        said, _ = child.communicate()
    found = {}
    for line in said.splitlines():
        try:
            done = json.loads(line)
        except ValueError:
            continue  # cut off when the child was ended
        found[done["id"]] = done["why"]
    return found
