"""`fahuo backup FILE` and `fahuo restore FILE`: everything in one file, checked before anything is replaced.

The file is a plain tar: `manifest.json` (versions, migrations, checksums), `database.dump` (pg_dump's custom format),
and, only if asked for, `secret-key` and `sealing-key`.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from fahuo import __version__
from fahuo.cli.language import say
from fahuo.cli.postgres import installed
from fahuo.cli.session import ready
from fahuo.rules.problems import Refusal

DUMP, SECRET, SEALING, SEARCH, MANIFEST = "database.dump", "secret-key", "sealing-key", "search-key", "manifest.json"
EMPTY = "SET lock_timeout = '30s'; SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def tool(name: str) -> Path:
    """pg_dump or pg_restore, of the server's major version or a later one. Refusal `backup_tool_missing`."""
    from fahuo.store import clock

    wanted = clock.server().version // 10_000
    on_path = shutil.which(name)
    for program in [*(folder / name for folder in installed()), *([Path(on_path)] if on_path else [])]:
        if program.exists():
            told = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stdout
            found = re.search(r"\) (\d+)", told)
            if found and int(found[1]) >= wanted:
                return program
    raise Refusal.of("backup_tool_missing", program=name, version=wanted)


def call(name: str, *arguments: str) -> None:
    """Run a PostgreSQL program on our database; its password goes by the environment, never by the command line."""
    from django.db import connection

    known = connection.settings_dict
    environment = {key: text for key, text in os.environ.items() if not key.startswith("PG")}
    for key, text in (
        ("PGHOST", known["HOST"]), ("PGPORT", known["PORT"]), ("PGUSER", known["USER"]), ("PGDATABASE", known["NAME"]),
        ("PGPASSWORD", known["PASSWORD"]), ("PGSSLMODE", known["OPTIONS"].get("sslmode")),
        ("PGSSLROOTCERT", known["OPTIONS"].get("sslrootcert")), ("LC_ALL", "C"),
    ):  # fmt: skip
        if text:
            environment[key] = str(text)
    done = subprocess.run(
        [tool(name), *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refusal.of("backup_tool_failed", program=name, said=done.stderr.strip()[:400])


def sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def migrations() -> list[str]:
    """What has been applied to the database, as "app.name"."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def unknown_migrations(applied: list[str]) -> list[str]:
    """Those of a backup that this version of the program does not have."""
    from django.db.migrations.loader import MigrationLoader

    here = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    return sorted(set(applied) - here)


def add(archive: tarfile.TarFile, name: str, body: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(body), 0o600
    archive.addfile(entry, io.BytesIO(body))


def write(target: Path, *, with_secret: bool, now: datetime) -> int:
    """Write a backup whole or not at all, readable by its owner alone; its size in bytes."""
    from django.conf import settings

    part = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fahuo-") as folder:
            dump = Path(folder, DUMP)
            call("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
            checksums = {DUMP: sha256(dump)}
            secrets = {SECRET: settings.SECRET_KEY, SEALING: settings.SEALING_KEY, SEARCH: settings.SEARCH_KEY}
            keys = {name: key.encode() for name, key in secrets.items()} if with_secret else {}
            checksums |= {name: hashlib.sha256(key).hexdigest() for name, key in keys.items()}
            manifest = {"made_by": "fahuo", "version": __version__, "made_at": now.isoformat(timespec="seconds"),
                        "migrations": migrations(), "sha256": checksums}  # fmt: skip
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sink:
                with tarfile.open(fileobj=sink, mode="w") as archive:
                    add(archive, MANIFEST, json.dumps(manifest, indent=2).encode())
                    for name, key in keys.items():
                        add(archive, name, key)
                    archive.add(dump, DUMP, recursive=False)
                sink.flush()
                os.fsync(sink.fileno())
        part.replace(target)
    except OSError:
        raise Refusal.of("backup_unwritable", file=target.name) from None
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Lay a backup's parts into a folder, each compared with its checksum; the manifest. Refusal if anything is off."""
    try:
        with tarfile.open(file, "r:") as archive:
            names = {entry.name for entry in archive.getmembers() if entry.isfile()}
            for name in names & {MANIFEST, DUMP, SECRET, SEALING, SEARCH}:
                source = archive.extractfile(name)
                with (folder / name).open("wb") as sink:
                    shutil.copyfileobj(source or io.BytesIO(), sink)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        checksums = dict(manifest["sha256"])
        checksums[DUMP], manifest["migrations"]
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError):
        raise Refusal.of("backup_unreadable", file=file.name) from None
    for name, checksum in checksums.items():
        part = folder / Path(name).name
        if not part.exists() or sha256(part) != checksum:
            raise Refusal.of("backup_damaged", file=file.name, part=Path(name).name)
    return manifest


def shop_count() -> int:
    """How many shops the database holds; 0 where it has no tables yet."""
    from fahuo.cli.session import is_empty
    from fahuo.store import clock

    return 0 if is_empty() else len(clock.shops())


def load(file: Path, *, force: bool) -> dict[str, Any]:
    """Replace the database by a backup, in one transaction; the manifest. Refusal leaves it as it was."""
    from django.db import connection

    with tempfile.TemporaryDirectory(prefix="fahuo-") as folder:
        manifest = unpack(file, Path(folder))
        if unknown := unknown_migrations(manifest["migrations"]):
            raise Refusal.of("backup_newer", migration=unknown[0])
        if (shops := shop_count()) and not force:
            raise Refusal.of("restore_not_empty", shops=shops)
        script = Path(folder, "restore.sql")
        call("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(Path(folder, DUMP)))
        connection.close()
        call("psql", "-X", "-q", "--single-transaction", "-v", "ON_ERROR_STOP=1", "-o", os.devnull,
             "-c", EMPTY, "-f", str(script))  # fmt: skip
    return manifest


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-secret",
    is_flag=True,
    help="Put the secret key and the sealing key in too: keep such a file like a password.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def backup(file: Path, with_secret: bool, force: bool) -> None:
    """把整个数据库备份到一个文件。Back the whole database up into one file, while the system runs."""
    if file.exists() and not force:
        raise Refusal.of("backup_exists", file=file.name)
    ready()
    size = write(file.absolute(), with_secret=with_secret, now=datetime.now(UTC))
    click.echo(say(f"已备份到 {file}（{size:,} 字节）", f"Backed up into {file} ({size:,} bytes)"))


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a database that is not empty.")
def restore(file: Path, force: bool) -> None:
    """从备份文件恢复;先停掉 fahuo run。Restore from a backup file; stop `fahuo run` first."""
    ready(tables=False)
    manifest = load(file, force=force)
    from fahuo.cli.migrate import migrate

    migrate()
    click.echo(say(f"已恢复 {manifest['made_at']} 的备份", f"Restored the backup of {manifest['made_at']}"))
