"""A clock's sending lane in a process of its own: follow and send, round after round, until killed or told to stop.

python sending_process.py: prints "round" at the beginning of each round.
"""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "fahuo.settings"


def main() -> None:
    import django

    django.setup()
    from fahuo.rules import webhooks as rules
    from fahuo.services import webhooks

    rules.LEASE = type(rules.LEASE)(seconds=2)  # type: ignore[misc]  # whoever was killed is followed soon
    horizon = webhooks.Horizon()
    while True:
        print("round", flush=True)
        webhooks.follow(horizon, now=datetime.now(UTC))
        webhooks.run_due(moment=lambda: datetime.now(UTC), limit=20)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
