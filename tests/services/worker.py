"""A worker in a process of its own: check and commit one batch, then say its memory before and at most (KiB)."""

import os
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "fahuo.settings"


def most() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // 1024 if sys.platform == "darwin" else used


def main(shop_id: int, batch_id: int) -> None:
    import django

    django.setup()
    from fahuo.rules.people import Actor
    from fahuo.services import batches

    now = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    batches.work(shop_id, batch_id + 1, now=now)
    before = most()
    batches.work(shop_id, batch_id, now=now)
    batches.commit(Actor(shop_id, None, "worker", is_owner=True), batch_id, now=now)
    batches.work(shop_id, batch_id, now=now)
    print(before, most())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
