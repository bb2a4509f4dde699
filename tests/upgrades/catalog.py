"""What PostgreSQL knows of the tables: read before and after a migration, by none of Django's code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

COLUMNS: Final = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attidentity <> '' OR d.adbin IS NOT NULL AS filled
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS: Final = """
SELECT c.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid), k.convalidated,
       (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(k.conkey))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('c', 'f', 'x')
"""
INDEXES: Final = """
SELECT c.relname, x.relname, i.indisunique, i.indisvalid, pg_get_indexdef(i.indexrelid),
       (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(i.indkey::int2[]))
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace
"""
TABLES: Final = """
SELECT relname, pg_relation_filenode(oid)::bigint, relpersistence::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


@dataclass(frozen=True, slots=True)
class Column:
    """`filled`: it has a default, so that an INSERT that does not know it goes through."""

    kind: str
    must: bool
    filled: bool


@dataclass(frozen=True, slots=True)
class Constraint:
    kind: str
    says: str
    validated: bool
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Index:
    unique: bool
    valid: bool
    says: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """`file`: where its rows lie; another one after a rewrite."""

    file: int
    kept: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """All by table, or by (table, name)."""

    tables: Mapping[str, Table]
    columns: Mapping[tuple[str, str], Column]
    constraints: Mapping[tuple[str, str], Constraint]
    indexes: Mapping[tuple[str, str], Index]


def read(line: psycopg.Connection[Any]) -> Catalog:
    """The tables as they stand, in the eyes of this connection."""
    return Catalog(
        {name: Table(file, kept) for name, file, kept in line.execute(TABLES)},
        {(table, name): Column(*rest) for table, name, *rest in line.execute(COLUMNS)},
        {
            (table, name): Constraint(kind, says, validated, frozenset(columns or ()))
            for table, name, kind, says, validated, columns in line.execute(CONSTRAINTS)
        },
        {
            (table, name): Index(unique, valid, says, frozenset(columns or ()))
            for table, name, unique, valid, says, columns in line.execute(INDEXES)
        },
    )
