"""Whether a migration is safe while the code before it still runs: what its effect on the catalog says, and its statements.

`pre`: it may be applied while the old code works. It adds what the old code does not trip over, and holds no table that
grows for longer than a moment. `post`: it is applied once the new code works, and so adds nothing that this code needs.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tests.upgrades.catalog import Catalog, Constraint

SMALL: Final = frozenset({
    "shops", "members", "users", "printers", "contracts", "tariffs", "label_templates", "sheet_templates", "column_maps",
    "saved_views", "channels", "webhooks", "api_keys", "marketplaces", "carrier_accounts", "platform_staff", "couriers",
    "clock_ticks", "exempt_regions", "delay_reports", "carrier_rules", "route_marks", "skus",
})  # fmt: skip
"""Tables that grow with the number of shops, not with what they sell: a lock is over before anybody notices."""

CONCURRENT: Final = re.compile(
    r'CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?', re.I
)
LIST: Final = re.compile(r"ARRAY\[(.*?)\]")
VALUE: Final = re.compile(r"'((?:[^']|'')*)'|(-?\d+)")


def trips(before: Catalog, after: Catalog, statements: Sequence[str]) -> Iterator[str]:
    """Why a `pre` migration is not safe under the code before it."""
    yield from _gone(before, after)
    yield from _to_fill(before, after)
    yield from _forbidden(before, after)
    yield from _locks(before, after, statements)


def needed(before: Catalog, after: Catalog) -> Iterator[str]:
    """Why a `post` migration comes too late: its own code is live by then and would miss this."""
    yield from (f"adds table {name}" for name in sorted(after.tables.keys() - before.tables.keys()))
    for table, name in sorted(after.columns.keys() - before.columns.keys()):
        if table in before.tables:
            yield f"adds column {table}.{name}"


def _gone(before: Catalog, after: Catalog) -> Iterator[str]:
    yield from (f"table {name} is gone" for name in sorted(before.tables.keys() - after.tables.keys()))
    for (table, name), column in sorted(before.columns.items()):
        now = after.columns.get((table, name))
        if table in after.tables and now is None:
            yield f"column {table}.{name} is gone"
        elif now is not None and now.kind != column.kind:
            yield f"column {table}.{name} is {now.kind}, not {column.kind}"
    for (table, name), index in sorted(before.indexes.items()):
        if table in after.tables and not _served(after, table, index.says):
            yield f"index {name} of {table} is gone"


def _served(after: Catalog, table: str, says: str) -> bool:
    """Whether some index does what another did, whatever its name."""

    def shape(text: str) -> str:
        return re.sub(r"INDEX \S+ ON", "INDEX ON", text)

    return any(shape(each.says) == shape(says) for (owner, _), each in after.indexes.items() if owner == table)


def _to_fill(before: Catalog, after: Catalog) -> Iterator[str]:
    for (table, name), column in sorted(after.columns.items()):
        if table not in before.tables or not column.must or column.filled:
            continue
        was = before.columns.get((table, name))
        if was is None:
            yield f"column {table}.{name} is new and must be filled"
        elif not was.must or was.filled:
            yield f"column {table}.{name} must be filled from now on"


def _forbidden(before: Catalog, after: Catalog) -> Iterator[str]:
    for (table, name), constraint in sorted(after.constraints.items()):
        if table not in before.tables or not _tightens(before, after, table, name, constraint):
            continue
        if constraint.kind == "f":
            yield f"foreign key {name} of {table} holds columns that were free"
        else:
            yield f"check {name} of {table} refuses what was allowed"
    for (table, name), index in sorted(after.indexes.items()):
        fresh = index.unique and table in before.tables and not _served(before, table, index.says)
        if fresh and _written(before, after, table, index.columns):
            yield f"unique index {name} of {table} refuses what was allowed"


def _tightens(before: Catalog, after: Catalog, table: str, name: str, now: Constraint) -> bool:
    """Whether a constraint may refuse a row that the old code writes, and did not stand before, or was looser."""
    if now.kind == "f":
        speaks = _written(before, after, table, now.columns)
    else:
        speaks = any((table, column) in before.columns for column in now.columns - {"shop_id"})
    if not speaks:
        return False
    was = before.constraints.get((table, name))
    return was is None or (was.says != now.says and not _looser(was.says, now.says))


def _written(before: Catalog, after: Catalog, table: str, columns: frozenset[str]) -> bool:
    """Whether the old code's rows have a value in each of these columns: a new one that may be NULL stays NULL."""
    return all((table, name) in before.columns or after.columns[table, name].must for name in columns)


def _looser(was: str, now: str) -> bool:
    """Whether a check over lists of values is the same one with longer lists."""
    old, new = LIST.findall(was), LIST.findall(now)
    if LIST.sub("[]", _plain(was)) != LIST.sub("[]", _plain(now)) or len(old) != len(new):
        return False
    return all(set(VALUE.findall(less)) <= set(VALUE.findall(more)) for less, more in zip(old, new, strict=True))


def _plain(says: str) -> str:
    return says.removesuffix(" NOT VALID")


def _locks(before: Catalog, after: Catalog, statements: Sequence[str]) -> Iterator[str]:
    """What reads or writes a whole table that grows while nobody else may write it."""
    concurrent = {name for text in statements for name in CONCURRENT.findall(text)}
    for name, table in sorted(before.tables.items()):
        now = after.tables.get(name)
        if now is not None and now.file != table.file and name not in SMALL:
            yield f"table {name} is written anew"
    for (table, name), index in sorted(after.indexes.items()):
        fresh = (table, name) not in before.indexes or before.indexes[table, name].says != index.says
        if fresh and table in before.tables and table not in SMALL and name not in concurrent:
            yield f"index {name} locks {table}: build it CONCURRENTLY"
        if fresh and not index.valid:
            yield f"index {name} of {table} is not valid"
    for (table, name), constraint in sorted(after.constraints.items()):
        was = before.constraints.get((table, name))
        known = was is not None and _plain(was.says) == _plain(constraint.says)
        if (
            not known
            and constraint.validated
            and table in before.tables
            and table not in SMALL
            and not _same(before, table, constraint)
        ):
            yield f"{'foreign key' if constraint.kind == 'f' else 'check'} {name} reads all of {table}: add it NOT VALID"


def _same(before: Catalog, table: str, constraint: Constraint) -> bool:
    return any(each.says == constraint.says for (owner, _), each in before.constraints.items() if owner == table)
