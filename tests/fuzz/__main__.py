"""python -m tests.fuzz: see tests/fuzz/__init__.py."""

import argparse
import os
import signal
import sys
import time
import warnings

from tests import postgres  # noqa: F401  # starts the server before Django looks for one


def main() -> None:
    """`make fuzz`: INPUTS inputs (100,000) over all doors, or over those that are named, from seed SEED."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=int(os.environ.get("INPUTS", "100000")))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", str(time.time_ns() % 10**6))))
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--every", type=int, default=0, help="so many changes, and the checker reads the database")
    parser.add_argument("doors", nargs="*", metavar="door")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fahuo.settings")
    os.environ.setdefault("FAHUO_HOSTS", "testserver,127.0.0.1")
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who is told to stop still says what was found
    import django

    django.setup()
    from tests.fuzz import doors, worlds
    from tests.fuzz.house import House
    from tests.fuzz.run import CHECKED, Run, shares, summary

    chosen = [door for door in doors.ALL if not asked.doors or door.name in asked.doors]
    house = House(worlds.BUILDERS)
    run = Run(house, asked.seed, lambda line: print(line, flush=True), asked.every or CHECKED)
    print(f"seed {asked.seed}", flush=True)
    try:
        for name, count in shares(chosen, asked.inputs).items():
            tally = run.door(doors.BY_NAME[name], range(asked.first, asked.first + count))
            print(
                f"{name}: {count} inputs, {tally.seconds:.0f} s, {len(tally.faults)} faults",
                file=sys.stderr,
                flush=True,
            )
    finally:
        house.close()
        print("\n".join(summary(run.tallies, asked.seed)))
    raise SystemExit(1 if any(each.faults for each in run.tallies.values()) else 0)


main()
