"""karrio: labels by its SDK in process, from a shipment's data to the printer's bytes, beside ours."""

import sys
from pathlib import Path

from tests.bench.peers.environments import python_of, versions
from tests.bench.peers.meter import Meter, Side, Turn, in_turn
from tests.bench.peers.table import Found, Row

LACKS = (
    "karrio-server is left out (it needs a server and its queue): this is its SDK in one process, the generic carrier with its "
    "own template, 4×6 in, no database on either side. Its label font has no Chinese characters, and it masks nothing; ours is "
    "76×130 mm, Chinese, masked."
)


def measure(runs: int, n: int | None) -> Found:
    peer = versions("karrio", "karrio", "karrio-generic", "pillow")
    side = Side(python_of("karrio"), "tests.bench.peers.inside.karrio", LOGURU_LEVEL="ERROR")
    own = Side(Path(sys.executable), "tests.bench.peers.ours")
    rows = []
    try:
        for form, many, whole in (("PDF", n or 40, False), ("PDF", n or 40, True), ("ZPL", n or 200, False)):
            rows.append(_row(side, own, peer, runs, form, many, whole=whole))
    finally:
        side.close()
        own.close()
    return Found(rows)


def _row(side: Side, own: Side, peer: str, runs: int, form: str, count: int, *, whole: bool) -> Row:
    def mine(_round: int) -> Turn:
        spent = Meter([own.pid])
        assert own.ask("labels", language=form.lower(), count=count, whole=whole)
        return spent.turn()

    def theirs(number: int) -> Turn:
        spent = Meter([side.pid])
        assert side.ask("labels", form=form, first=number * count, count=count)
        return spent.turn()

    found = in_turn(runs, mine, theirs)
    many = "karrio has no file of many labels: one by one." if whole else LACKS if form == "PDF" else "As above."
    return Row(f"labels as {form}, ours in {'one file' if whole else 'a file each'}", peer, count, *found, many)
