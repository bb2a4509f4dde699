"""`make bench`: the figures, as ratios in one run. Everything on a throw-away server with its disk writes on.

python -m tests.bench [--runs N] [--largest ORDERS] [api] [bulk] [clocks] [labels] [list] [newshops] [printing] [rules]
                      [stock] [system]
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
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
        if DATABASE_PARTS.keys() & set(parts):
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

    from fahuo.store import wall

    setup_test_environment()
    call_command("migrate", verbosity=0)
    with wall.as_owner():
        for name, lines in DATABASE_PARTS.items():
            if name in parts:
                for line in lines(runs, largest):
                    print(line, flush=True)
    connection.close()


def _api(runs: int, _largest: int) -> Iterator[str]:
    from tests.bench import api

    yield api.one_by_one(runs).line()
    yield api.one_by_one(runs, idempotent=True).line()
    yield api.bulk(runs).line()


def _bulk(runs: int, _largest: int) -> Iterator[str]:
    from tests.bench import bulk

    yield bulk.importing(runs).line()
    yield bulk.shipping(runs).line()


def _clocks(runs: int, _largest: int) -> Iterator[str]:
    from tests.bench import clocks

    return (found.line() for found in clocks.firing(runs))


def _newshops(_runs: int, _largest: int) -> Iterator[str]:
    from tests.bench.newshops import unknown_shop

    return (each.line() for each in unknown_shop())


def _stock(runs: int, _largest: int) -> Iterator[str]:
    from tests.bench.stock import taking

    return (taken.line() for taken in taking(min(runs, 5)))


def _printing(_runs: int, _largest: int) -> Iterator[str]:
    from tests.bench import printing

    return iter(printing.five_thousand().lines())


def _list(_runs: int, largest: int) -> Iterator[str]:
    from tests.bench.listing import SIZES, listing

    return (size.line() for size in listing(tuple(size for size in SIZES if size <= largest)))


DATABASE_PARTS: dict[str, Callable[[int, int], Iterator[str]]] = {
    "api": _api, "bulk": _bulk, "clocks": _clocks, "newshops": _newshops, "stock": _stock, "printing": _printing,
    "list": _list,
}  # fmt: skip
"""What is measured on the database of its own: name -> its lines, given how many runs and how large at most."""


if __name__ == "__main__":
    main()
