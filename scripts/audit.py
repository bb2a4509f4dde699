#!/usr/bin/env python3
"""Asks whether what requirements/run.lock pins has known weaknesses: `python scripts/audit.py [--strict]`.

pip-audit asks the index that pip uses. Exit code 1: a weakness is known (each is named, with the version that mends it). Where the
service cannot be reached nothing is audited, and this says so: exit code 0, with `--strict` 3. A lock that was found well is not
asked about again on the same day.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "run.lock"
SECONDS = 120


def kept() -> Path:
    """Where it is noted which lock was found well, and on which day."""
    return Path(os.environ.get("FAHUO_DATA", ROOT / "var")) / "audited.json"


def state(lock: Path) -> dict[str, str]:
    """What stands for this lock on this day."""
    return {"lock": hashlib.sha256(lock.read_bytes()).hexdigest(), "day": f"{datetime.now(UTC):%Y-%m-%d}"}


def ask(lock: Path) -> tuple[list[str] | None, str]:
    """(what is known, ""), or (None, why nothing was asked)."""
    command = [
        sys.executable, "-m", "pip_audit", "-r", str(lock), "--no-deps", "--disable-pip", "--progress-spinner", "off",
        "--timeout", "10", "--format", "json",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        found = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return None, f"no answer within {SECONDS} seconds"
    except (ValueError, KeyError, TypeError):
        return None, (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1][:200]
    skipped = [one["name"] for one in found if "skip_reason" in one]
    if skipped or not found:
        return None, f"no answer for {len(skipped)} of {len(found)} packages"
    return [
        f"{one['name']} {one['version']}: {weakness['id']} (mended in {', '.join(weakness['fix_versions']) or 'no version yet'})"
        for one in found for weakness in one["vulns"]
    ], ""  # fmt: skip


def main(arguments: Sequence[str], lock: Path = LOCK) -> int:
    """Ask, unless that was done today, and say what came of it."""
    here, note = state(lock), kept()
    if note.exists() and note.read_text("utf-8") == json.dumps(here):
        return 0
    known, why = ask(lock)
    if known is None:
        print(f"audit: NOT AUDITED, the dependencies were not looked up: {why}", file=sys.stderr)
        return 3 if "--strict" in arguments else 0
    for line in known:
        print(f"audit: {line}", file=sys.stderr)
    if known:
        return 1
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(here), "utf-8")
    print(f"audit: nothing known against {lock.name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
