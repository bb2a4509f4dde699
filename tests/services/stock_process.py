"""Takers of waybill numbers, eight at once, that are killed at random instants.

python stock_process.py SHOP CONTRACT FOLDER SEED TAKERS KILLS_A_SECOND: forks the takers; each takes some tens of numbers in a
transaction, commits, and then acknowledges them in a file of its own. One that is killed is replaced by another, until one
ends by itself because the stock is empty. Prints how many were killed, and the seconds from the first fork to the last end.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "fahuo.settings"


def taker(shop_id: int, contract_id: int, file: Path, draw: random.Random) -> None:
    """Take until there is nothing. An acknowledgement is one write, after the commit: it is there or it is not."""
    from datetime import UTC, datetime

    from django.db import transaction

    from fahuo.rules.people import Actor
    from fahuo.store import stock

    actor = Actor(shop_id, None, f"taker {os.getpid()}")
    said = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while True:
        with transaction.atomic():
            taken = stock.take(actor, contract_id, draw.randint(20, 60), now=datetime.now(UTC))
        if not taken:
            return
        os.write(said, (" ".join(f"{each.id}:{each.number}" for each in taken) + "\n").encode())


def fork(shop_id: int, contract_id: int, folder: Path, seed: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        taker(shop_id, contract_id, folder / f"{os.getpid()}-{seed}.txt", random.Random(seed))
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main(shop_id: int, contract_id: int, folder: Path, seed: int, takers: int, kills_a_second: float) -> None:
    import django

    django.setup()
    draw = random.Random(seed)
    begun = time.perf_counter()
    living = {fork(shop_id, contract_id, folder, seed + n) for n in range(takers)}
    forked, kills, empty, failed = takers, 0, False, 0
    due = begun + draw.expovariate(kills_a_second) if kills_a_second else float("inf")
    while living:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            living.discard(child)
            killed = os.WIFSIGNALED(status)
            kills += killed
            failed += not killed and os.WEXITSTATUS(status) != 0
            empty = empty or not killed
            if not empty:
                living.add(fork(shop_id, contract_id, folder, seed + forked))
                forked += 1
            continue
        if time.perf_counter() >= due and not empty:
            os.kill(draw.choice(sorted(living)), signal.SIGKILL)
            due += draw.expovariate(kills_a_second)
        time.sleep(0.001)
    print(kills, time.perf_counter() - begun, failed, flush=True)


if __name__ == "__main__":
    shop, contract, where, first, count, pace = sys.argv[1:]
    main(int(shop), int(contract), Path(where), int(first), int(count), float(pace))
