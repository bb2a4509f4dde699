"""python -m tests.faults [day|backup|recovery|standby ...]: all of them, or those that are named.

day: FAULTS kills (1,000) from seed FAULTS_SEED; backup, recovery, standby: under the clerks' load, see their modules.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.faults import run, trials


def _day(folder: Path) -> Iterator[str]:
    kills, seed = int(os.environ.get("FAULTS", "1000")), int(os.environ.get("FAULTS_SEED", str(time.time_ns() % 10**6)))
    print(f"seed {seed}", flush=True)
    result = run.day(folder, kills=kills, seed=seed, pause=(0.05, 0.6))
    print("\n".join(result.lines()), flush=True)
    yield from result.wrong


TRIALS: Mapping[str, Callable[[Path], Iterator[str]]] = {
    "backup": trials.backup, "recovery": trials.recovery, "standby": trials.standby, "day": _day,
}  # fmt: skip


def main() -> None:
    wrong = []
    for name in sys.argv[1:] or TRIALS:
        print(f"-- {name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="fahuo-faults-") as folder:
            os.chmod(folder, 0o755)
            for each in TRIALS[name](Path(folder)):
                print(f"WRONG: {each}", flush=True)
                wrong.append(each)
    raise SystemExit(1 if wrong else 0)


main()
