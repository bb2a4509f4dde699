"""Every statement of the product over a shop's table names the shop: a guard around the cursor, for the whole suite.

The statement is parsed by PostgreSQL's own grammar. Each shop-owned table that it reads, updates or deletes must have
its `shop_id` in a comparison (or in USING) of that statement; an INSERT or COPY must fill `shop_id`. A statement that
crosses shops on purpose says so in its first words, `/* across shops: why */`, and stands in ACROSS_SHOPS.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pglast import ast, parse_sql
from pglast.visitors import Ancestor, Visitor

from fahuo.store import wall

PRODUCT = str(Path(__file__).resolve().parent.parent / "fahuo") + "/"
TESTS = str(Path(__file__).resolve().parent) + "/"
PASSED_OVER = (
    *(PRODUCT + file for file in ("store/sql.py", "store/wall.py", "store/postgres/base.py")),
    *(TESTS + file for file in ("isolation.py", "walls.py", "conftest.py")),
)
ACROSS_SHOPS = {
    "a person's shops",
    "shops with work",
    "the figures of the installation",
    "the demo's first look",
    "the platform's desk",
}
"""The reasons for which a statement may cross shops. This list only shrinks, or grows with a reason."""

PLACEHOLDER = re.compile(r"%\(\w+\)[sbt]|%[sbt]")
CROSSING = re.compile(r"^\s*/\* across shops: (?P<why>[^*]+?) \*/")


class ShopForgotten(AssertionError):
    """A statement over a shop's table does not name the shop."""


@cache
def shop_tables() -> frozenset[str]:
    """Every table of ours that a shop owns, and around which a wall stands."""
    return frozenset(wall.tables())


class Names(Visitor):  # type: ignore[misc]
    """Collects, over one statement: the shop tables with their aliases, and the columns compared as shop_id."""

    def __init__(self) -> None:
        self.tables: dict[str, str] = {}
        self.inserts: list[tuple[str, bool]] = []
        self.named: set[str] = set()
        self.targets: set[int] = set()

    def visit_RangeVar(self, _ancestors: object, node: ast.RangeVar) -> None:
        if node.relname in shop_tables() and id(node) not in self.targets:
            self.tables[node.alias.aliasname if node.alias else node.relname] = node.relname

    def visit_InsertStmt(self, _ancestors: object, node: ast.InsertStmt) -> None:
        self.targets.add(id(node.relation))
        if node.relation.relname in shop_tables():
            self.inserts.append((node.relation.relname, any(c.name == "shop_id" for c in node.cols or ())))

    def visit_JoinExpr(self, _ancestors: object, node: ast.JoinExpr) -> None:
        if any(part.sval == "shop_id" for part in node.usingClause or ()):
            self.named |= {"*using*", *_aliases(node.larg), *_aliases(node.rarg)}

    def visit_A_Expr(self, ancestors: Ancestor, node: ast.A_Expr) -> None:
        for side in (node.lexpr, node.rexpr):
            self._compared(side, ancestors)

    def visit_SubLink(self, ancestors: Ancestor, node: ast.SubLink) -> None:
        self._compared(node.testexpr, ancestors)

    def _compared(self, side: object, ancestors: Ancestor) -> None:
        """The columns compared as shop_id. A bare one is of the one table that its own query reads, if it reads one."""
        for alias in _shop_columns(side):
            query = ancestors.find_nearest((ast.SelectStmt, ast.UpdateStmt, ast.DeleteStmt))
            here = list(_read(query.node)) if query is not None and not alias else []
            self.named.add(here[0] if len(here) == 1 else alias)


def _read(query: object) -> Iterator[str]:
    """The aliases of the shops' tables that a query itself reads or changes, leaving out those of queries inside it."""
    for side in (getattr(query, "relation", None), *(getattr(query, "fromClause", None) or ())):
        yield from _named_in(side)
    for side in getattr(query, "usingClause", None) or ():
        yield from _named_in(side)


def _named_in(side: object) -> Iterator[str]:
    if isinstance(side, ast.RangeVar) and side.relname in shop_tables():
        yield side.alias.aliasname if side.alias else side.relname
    elif isinstance(side, ast.JoinExpr):
        yield from _named_in(side.larg)
        yield from _named_in(side.rarg)


def _aliases(side: object) -> Iterator[str]:
    if isinstance(side, ast.RangeVar):
        yield side.alias.aliasname if side.alias else side.relname
    elif isinstance(side, ast.JoinExpr):
        yield from _aliases(side.larg)
        yield from _aliases(side.rarg)


def _shop_columns(side: object) -> Iterator[str]:
    """The aliases whose shop_id stands in an expression; "" for a bare shop_id."""
    if isinstance(side, ast.RowExpr):
        for part in side.args:
            yield from _shop_columns(part)
    elif isinstance(side, ast.ColumnRef):
        names = [field.sval for field in side.fields if isinstance(field, ast.String)]
        if names[-1:] == ["shop_id"]:
            yield names[-2] if len(names) > 1 else ""


def forgotten(statement: str) -> list[str]:
    """The shop tables whose shop_id the statement does not name; empty when all is well."""
    if not any(table in statement for table in shop_tables()):
        return []
    text = PLACEHOLDER.sub("NULL", statement).replace("%%", "%")
    missing: list[str] = []
    for parsed in parse_sql(text):
        if not isinstance(parsed.stmt, KINDS):
            continue
        names = Names()
        names(parsed)
        missing += [table for table, filled in names.inserts if not filled]
        bare = "" in names.named
        for alias, table in names.tables.items():
            alone = list(names.tables.values()).count(table) == 1 and (len(names.tables) == 1 or bare)
            if alias not in names.named and not (bare and alone):
                missing.append(table)
    return missing


KINDS = (ast.SelectStmt, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt)


@cache
def over_a_shops_table(statement: str) -> bool:
    """Whether it is one statement that reads or writes a shop's table, and crosses no shops on purpose."""
    if CROSSING.match(statement) or not any(table in statement for table in shop_tables()):
        return False
    parsed = parse_sql(PLACEHOLDER.sub("NULL", statement).replace("%%", "%"))
    if len(parsed) != 1 or not isinstance(parsed[0].stmt, KINDS):
        return False
    names = Names()
    names(parsed[0])
    return bool(names.tables or names.inserts)


@cache
def verdict(statement: str) -> str:
    """Why a statement of the product is not allowed; "" when it is."""
    crossing = CROSSING.match(statement)
    if crossing:
        return "" if crossing["why"] in ACROSS_SHOPS else f"crosses shops for no listed reason: {crossing['why']}"
    missing = forgotten(statement)
    return f"shop_id is not named for {', '.join(missing)}" if missing else ""


def asked_by_the_product() -> bool:
    """Whether the innermost frame of this checkout on the stack is the product's, not a test's."""
    frame = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith((PRODUCT, TESTS)) and file not in PASSED_OVER:
            return file.startswith(PRODUCT) and "/migrations/" not in file
        frame = frame.f_back  # type: ignore[assignment]
    return False


def check(statement: object) -> None:
    """Raise ShopForgotten when the product asks a statement that does not name its shop."""
    if isinstance(statement, str) and asked_by_the_product():
        why = verdict(statement)
        if why:
            raise ShopForgotten(f"{why}\n{statement}")


def check_copy(table: str, columns: Sequence[str]) -> None:
    """Raise ShopForgotten when rows are copied into a shop's table without their shop."""
    if table in shop_tables() and "shop_id" not in columns:
        raise ShopForgotten(f"COPY into {table} without shop_id")
