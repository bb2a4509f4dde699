"""Somebody signs a pickup in a process of its own, again and again until it is done: to be killed at any instant.

python sign_process.py SHOP PICKUP COUNT INSTANT: prints "begin" before each attempt, "done" after the one that succeeded.
"""

import os
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "fahuo.settings"


def main(shop_id: int, pickup_id: int, count: int, now: datetime) -> None:
    import django

    django.setup()
    from fahuo.rules.people import Actor
    from fahuo.services import pickups

    owner = Actor(shop_id, None, "owner", is_owner=True)
    print("begin", flush=True)
    pickups.sign(owner, pickup_id, count=count, courier="王师傅", now=now)
    print("done", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), datetime.fromisoformat(sys.argv[4]))  # type: ignore[call-arg]
