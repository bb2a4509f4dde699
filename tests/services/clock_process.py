"""A clock in a process of its own, at a fixed instant: fire what is due, round after round, until told to stop.

python clock_process.py INSTANT LIMIT [wait]: prints "round" when one begins. Ends by itself after a round that found
nothing. With `wait` it prints "ready" first, connected, and begins upon a line of its input.
"""

import os
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "fahuo.settings"


def main(now: datetime, limit: int, *, wait: bool) -> None:
    import django

    django.setup()
    from django.db import connection

    from fahuo.services import reminders, tasks

    if wait:
        connection.ensure_connection()
        print("ready", flush=True)
        sys.stdin.readline()
    fired = 1
    while fired:
        print("round", flush=True)
        fired = reminders.run_due(None, now=now, limit=limit) + tasks.run_due(None, now=now, limit=limit)


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), wait=sys.argv[3:] == ["wait"])
