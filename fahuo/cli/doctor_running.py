"""What `fahuo doctor` asks of an installation that runs: is its work in time, and is its web server ready?"""

import json
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fahuo.cli.findings import Finding
from fahuo.cli.language import say

LATE_WARN, LATE_FAIL = 60.0, 900.0
"""Seconds by which work of the clock may be late."""
PATIENCE: Final = 10.0
WORDS: Final = {
    "database": ("数据库", "the database"), "tables": ("最新的表", "current tables"),
    "clock": ("在走的时钟", "a clock that goes"), "room": ("磁盘空间", "room on the disk"),
}  # fmt: skip


def work_finding(now: datetime) -> Finding:
    """How late the clock's work is, the latest kind first."""
    from fahuo.store.boards import health

    lanes = sorted(health.behind(now), key=lambda lane: lane.late(now), reverse=True)
    worst = lanes[0].late(now)
    if worst <= LATE_WARN:
        return Finding("work", "ok", say("都按时", "all in time"))
    late = [f"{lane.name} {lane.rows} ({lane.late(now):.0f} s)" for lane in lanes if lane.late(now) > LATE_WARN]
    seen = say(f"晚了：{', '.join(late)}", f"late: {', '.join(late)}")
    mend = say(
        "看时钟的日志；忙不过来就多开一个 fahuo clock", "Read the clock's log; where it cannot keep up start another `fahuo clock`"
    )  # fmt: skip
    return Finding("work", "fail" if worst > LATE_FAIL else "warn", seen, mend)


def address_of(folder: Path) -> str:
    """Where `fahuo run` serves from this data folder; "" when it does not run."""
    try:
        port = (folder / "run.lock").read_text("ascii").strip()
    except (OSError, UnicodeError):
        return ""
    return f"http://127.0.0.1:{port}" if port.isdigit() else ""


def web_finding(url: str) -> Finding:
    """What the web server at `url` says of itself (/readyz)."""
    mend = say("看它的日志，或重启 fahuo run", "Read its log, or start `fahuo run` again")
    try:
        found = _ready(url)
    except (OSError, ValueError):
        return Finding("web", "fail", say(f"{url} 没有回答", f"{url} does not answer"), mend)
    lacks = [say(*WORDS[name]) for name, here in found.items() if name in WORDS and not here]
    if lacks:
        return Finding("web", "fail", say(f"{url} 缺：{'、'.join(lacks)}", f"{url} lacks {', '.join(lacks)}"), mend)
    return Finding("web", "ok", say(f"{url} 就绪", f"{url} is ready"))


def _ready(url: str) -> dict[str, Any]:
    address = f"{url.rstrip('/')}/readyz"
    if not address.startswith(("http://", "https://")):
        raise ValueError(address)
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError as answer:
        if answer.code != 503:
            raise
        found = json.load(answer)
    if not isinstance(found, dict):
        raise ValueError("no answer of ours")
    return found
