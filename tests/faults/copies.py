"""Copies of a database server, made by PostgreSQL's own programs as docs/operate.md has them typed: an archive of its log,
a base backup, a standby that follows, a server brought back to an instant."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from fahuo.cli.postgres import Server

PATIENCE: Final = 60.0
PRIMARY: Final = """
wal_level = replica
max_wal_senders = 5
archive_mode = on
archive_timeout = 60s
archive_command = 'test ! -f {archive}/%f && cp %p {archive}/.%f && mv {archive}/.%f {archive}/%f'
"""
"""What docs/operate.md writes into postgresql.conf."""


def primary(folder: Path) -> tuple[Server, Path]:
    """A server that may be copied, and the folder of its archived log. Its writes reach the disk."""
    server = empty(folder)
    server.start()
    archive = server.home / "archive"
    server.own(archive)
    with (server.data / "postgresql.conf").open("a") as config:
        config.write(PRIMARY.format(archive=archive))
    server.stop()
    server.start()
    return server, archive


def empty(folder: Path) -> Server:
    """A server without a cluster, in a folder that its user may reach."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    server = Server(folder)
    server.own(server.home)
    return server


def base_backup(source: Server, target: Server, *options: str) -> None:
    """Copy a running server into one that has no cluster."""
    source.call(
        "pg_basebackup", "-h", source.sockets, "-U", "fahuo", "-D", target.data, "-X", "stream", "-c", "fast", *options
    )
    (target.home / "made").touch()


def standby(source: Server, folder: Path) -> Server:
    """A server that follows another, and is waited for by every commit there."""
    target = empty(folder)
    base_backup(source, target, "-R", "-C", "-S", "standby")
    target.start()
    ask(source, "ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (*)'")
    ask(source, "SELECT pg_reload_conf()")
    wait(source, "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'")
    return target


def recovered(base: Server, archive: Path, until: datetime) -> Server:
    """The server of a base backup, brought back to an instant from the archived log."""
    with (base.data / "postgresql.conf").open("a") as config:
        config.write(f"""
restore_command = 'cp {archive}/%f %p'
recovery_target_time = '{until.isoformat()}'
recovery_target_action = promote
archive_mode = off
""")
    (base.data / "recovery.signal").touch()
    base.give(base.data / "recovery.signal")
    base.start()
    wait(base, "SELECT NOT pg_is_in_recovery()")
    return base


def archived(source: Server) -> None:
    """Let everything that was committed be in the archive."""
    (last,) = ask(source, "SELECT pg_walfile_name(pg_current_wal_lsn())")[0]
    ask(source, "SELECT pg_switch_wal()")
    wait(source, "SELECT last_archived_wal >= %s FROM pg_stat_archiver", last)


def ask(server: Server, statement: str, *values: Any) -> Sequence[tuple[Any, ...]]:
    with psycopg.connect(server.url, autocommit=True) as line:
        found = line.execute(statement, values or None)
        return found.fetchall() if found.description else []


def wait(server: Server, statement: str, *values: Any) -> None:
    """Until a question is answered with yes."""
    until = time.monotonic() + PATIENCE
    while not ask(server, statement, *values)[0][0]:
        if time.monotonic() > until:
            raise TimeoutError(statement)
        time.sleep(0.1)
