"""A print worker in a process of its own: print what is due, as of so many seconds from now, until nothing is.

python print_process.py SECONDS: prints "ready" when it begins.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "fahuo.settings"


def main(ahead: timedelta) -> None:
    import django

    django.setup()
    from fahuo.services import print_work

    print("ready", flush=True)
    print_work.run_due(None, moment=lambda: datetime.now(UTC) + ahead, name=str(os.getpid()))


if __name__ == "__main__":
    main(timedelta(seconds=float(sys.argv[1])))
