"""Databases of the harness's own, one for each world, which are as they were made as often as one asks."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from fahuo.api import guard
from tests.fuzz import watching
from tests.fuzz.watching import Moves

World = Mapping[str, Any]


class House:
    """Worlds by name, each made once by its builder. `plain`: a database with empty tables, and no line to it, to begin from;
    without one the tables are made here."""

    def __init__(self, builders: Mapping[str, Callable[[], World]], *, plain: str = "") -> None:
        self.builders, self.plain = builders, plain
        self.stem: Final = f"fuzz_{os.getpid()}"
        self.admin = watching.line_to("postgres")
        self.lines: dict[str, psycopg.Connection[Any]] = {}
        self.worlds: dict[str, World] = {}
        self.made: list[str] = []
        self.moved: set[str] = set()
        self.name = ""
        self.settings = connections["default"].settings_dict
        self.before = self.settings["NAME"]

    def fresh(self, name: str) -> World:
        """Let Django stand in the world `name` as it was made, and forget what the process remembers of another."""
        if self.name:
            self.take()
            watching.restore(self.line, self.moved)
            self.moved.clear()
        if name not in self.worlds:
            self._build(name)
        if name != self.name:
            self._enter(f"{self.stem}_{name}")
            self.name = name
        guard.forget()
        return {**self.worlds[name], "house": self}

    @property
    def line(self) -> psycopg.Connection[Any]:
        """A line to the world beside the product's."""
        return self.lines[self.name]

    def take(self) -> Moves:
        """What moved since the last look."""
        found = watching.take(self.line)
        self.moved |= {each.table for each in found}
        return found

    def _build(self, name: str) -> None:
        database = f"{self.stem}_{name}"
        if not self.plain:
            self.plain = f"{self.stem}_plain"
            self._create(self.plain)
            self._enter(self.plain)
            call_command("migrate", verbosity=0)
            connections.close_all()
        self._create(database, self.plain)
        self._enter(database)
        self.worlds[name] = self.builders[name]()
        connections.close_all()
        self.name, self.lines[name] = "", watching.line_to(database)
        watching.keep(self.lines[name])
        watching.install(self.lines[name])

    def _enter(self, database: str) -> None:
        connections.close_all()
        self.settings["NAME"] = database

    def _create(self, name: str, template: str = "template0") -> None:
        self.admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        self.made.append(name)

    def close(self) -> None:
        """Drop what was made here, and let Django stand where it stood."""
        self._enter(self.before)
        for line in self.lines.values():
            line.close()
        for name in self.made:
            self.admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self.admin.close()
