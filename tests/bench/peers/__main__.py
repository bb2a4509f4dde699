"""`make bench-peers`: Fahuo beside other open software on the same work, as ratios in one run, on a throw-away server.

python -m tests.bench.peers [--only NAME …] [--n N] [--runs N]
"""

import argparse
import importlib
import os
import tempfile
import time
from pathlib import Path

from tests.bench.peers.environments import Missing
from tests.bench.peers.table import Found, lines

PEERS = ("oscar", "celery", "procrastinate", "helpdesk", "karrio")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers")
    parser.add_argument("--only", action="append", choices=PEERS, help="this peer; may be given several times")
    parser.add_argument("--n", type=int, help="pieces of work in every row, instead of each row's own number")
    parser.add_argument("--runs", type=int, default=3, help="pairs of runs that count")
    options = parser.parse_args()
    from fahuo.cli.postgres import Server

    with tempfile.TemporaryDirectory(prefix="fahuo-peers-") as folder:
        os.chmod(folder, 0o755)
        server = Server(Path(folder))
        server.start()
        os.environ.update(
            BENCH_CLUSTER=str(server.data),
            DATABASE_URL=server.url,
            DJANGO_SETTINGS_MODULE="fahuo.settings",
            FAHUO_DATA=folder,
        )
        try:
            _measure(options.only or PEERS, options.runs, options.n)
        finally:
            server.leave()


def _measure(peers: "tuple[str, ...] | list[str]", runs: int, n: int | None) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    for name in peers:
        begun = time.monotonic()
        found = Found()
        try:
            found = importlib.import_module(f"tests.bench.peers.{name}").measure(runs, n)
        except Missing as missing:
            found.missing.append(f"{name}: {missing}")
        for line in lines(found):
            print(line, flush=True)
        print(f"({name}: {time.monotonic() - begun:.0f} s)\n", flush=True)
    connection.close()


if __name__ == "__main__":
    main()
