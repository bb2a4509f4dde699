"""The second wall on a PostgreSQL of the operator's own, where Fahuo signs in as an ordinary login."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fahuo.cli.postgres import Server
from fahuo.store import wall
from tests.cli.systems import System

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(new_folder: Callable[[], Path]) -> Iterator[Server]:
    """A server that has not heard of Fahuo."""
    found = Server(new_folder(), throw_away=True)
    found.start()
    yield found
    found.leave()


def login(server: Server, name: str, options: str = "") -> str:
    """The address of a database that a new login owns."""
    with psycopg.connect(server.url, autocommit=True) as line:
        line.execute(f"CREATE ROLE {name} LOGIN {options}")
        line.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8'")
    return f"postgresql://{name}@/{name}?host={server.sockets}"


def walls(system: System) -> str:
    said: list[dict[str, Any]] = json.loads(system.call("doctor", "--json").stdout)
    return next(str(one["state"]) for one in said if one["check"] == "walls")


def test_a_login_that_may_make_roles_puts_the_walls_up_itself(server: Server, folder: Path) -> None:
    url = login(server, "maker", "CREATEROLE")
    system = System(folder, DATABASE_URL=url)
    assert system.call("migrate").returncode == 0
    assert walls(system) == "ok"
    assert system.call("shop", "create", "lan", "兰草小铺", "--owner", "lan").returncode == 0
    with psycopg.connect(make_conninfo(url)) as line:
        shops = "SELECT count(*) FROM members"
        assert line.execute(shops).fetchone() == (1,)
        line.execute(f"SET ROLE {wall.ROLE}")
        assert line.execute(shops).fetchone() == (0,)
        line.execute(f"SELECT set_config('{wall.SETTING}', id::text, false) FROM shops")
        assert line.execute(shops).fetchone() == (1,)


def test_a_login_that_may_not_works_without_and_the_doctor_says_what_to_type(server: Server, folder: Path) -> None:
    system = System(folder, DATABASE_URL=login(server, "plain"))
    assert system.call("migrate").returncode == 0
    assert walls(system) == "warn"
    assert system.call("shop", "create", "lan", "兰草小铺", "--owner", "lan").returncode == 0
    with psycopg.connect(server.url, autocommit=True) as line:
        line.execute(f"CREATE ROLE {wall.ROLE} NOLOGIN")
        line.execute(f"GRANT {wall.ROLE} TO plain")
    assert system.call("migrate").returncode == 0
    assert walls(system) == "ok"
    assert json.loads(system.call("shop", "list", "--json").stdout)
