"""`make bench`: the figures, as ratios in one run. Everything on a throw-away server with its disk writes on.

python -m tests.bench [--runs N] [--largest ORDERS] [api] [bulk] [clocks] [labels] [list] [newshops] [printing] [rules]
                      [stock] [system]
"""

import argparse
import os
import tempfile
from pathlib import Path

PARTS = ("rules", "labels", "system", "api", "bulk", "clocks", "newshops", "stock", "printing", "list")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", help="what to measure; everything when left out")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--largest", type=int, default=10_000_000, help="orders in the largest shop")
    options = parser.parse_args()
    parts = options.parts or PARTS
    with tempfile.TemporaryDirectory(prefix="fahuo-bench-") as folder:
        os.chmod(folder, 0o755)
        if "rules" in parts:
            _rules(options.runs)
        if "labels" in parts:
            _labels(options.runs)
        if "system" in parts:
            _system(Path(folder))
        if {"api", "bulk", "clocks", "newshops", "stock", "printing", "list"} & set(parts):
            _database(Path(folder) / "data", parts, options.runs, options.largest)


def _rules(runs: int) -> None:
    from tests.bench.rules import asking

    for found in asking(runs):
        print(found.line(), flush=True)


def _labels(runs: int) -> None:
    from tests.bench import labels

    print(labels.as_pdf(runs).line(), flush=True)
    for pair in labels.for_printers(runs):
        print(pair.line(), flush=True)
    for stream in labels.streams():
        print(stream.line(), flush=True)


def _system(folder: Path) -> None:
    from tests.bench.system import start

    data = folder / "system"
    data.mkdir()
    print(start(data, 8911, idle=2).line("first start, with the demo loaded"), flush=True)
    print(start(data, 8912, idle=20).line("warm start"), flush=True)


def _database(data: Path, parts: list[str], runs: int, largest: int) -> None:
    from fahuo.cli.postgres import Server

    data.mkdir()
    server = Server(data)
    server.start()
    os.environ.update(
        BENCH_CLUSTER=str(server.data),
        DATABASE_URL=server.url,
        DJANGO_SETTINGS_MODULE="fahuo.settings",
        FAHUO_DATA=str(data),
    )
    try:
        _measure(parts, runs, largest)
    finally:
        server.leave()


def _measure(parts: list[str], runs: int, largest: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    if "api" in parts:
        from tests.bench import api

        print(api.one_by_one(runs).line(), flush=True)
        print(api.one_by_one(runs, idempotent=True).line(), flush=True)
        print(api.bulk(runs).line(), flush=True)
    if "bulk" in parts:
        from tests.bench import bulk

        print(bulk.importing(runs).line(), flush=True)
        print(bulk.shipping(runs).line(), flush=True)
    if "clocks" in parts:
        from tests.bench import clocks

        for found in clocks.firing(runs):
            print(found.line(), flush=True)
    if "newshops" in parts:
        from tests.bench.newshops import unknown_shop

        for each in unknown_shop():
            print(each.line(), flush=True)
    if "stock" in parts:
        from tests.bench.stock import taking

        for taken in taking(min(runs, 5)):
            print(taken.line(), flush=True)
    if "printing" in parts:
        from tests.bench import printing

        for line in printing.five_thousand().lines():
            print(line, flush=True)
    if "list" in parts:
        from tests.bench.listing import SIZES, listing

        for size in listing(tuple(size for size in SIZES if size <= largest)):
            print(size.line(), flush=True)
    connection.close()


if __name__ == "__main__":
    main()
