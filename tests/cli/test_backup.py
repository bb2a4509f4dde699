"""Backup and restore, on servers of their own: what comes back is what went in, and nothing is lost on the way."""

import json
import stat
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from fahuo.cli.postgres import Server
from tests.cli.systems import System

pytestmark = pytest.mark.postgres
ADD = "INSERT INTO shops (code, name, platform, time_zone, ship_from, default_carrier, sender_name, sender_phone, sender_address, created_at) VALUES (%s, '兰草小铺', 'taobao', 'Asia/Shanghai', '', '', '', '', '', '2026-03-02T04:00Z')"


def serve(system: System) -> Server:
    found = Server(system.folder / "data", throw_away=True)
    found.start()
    return found


def add_shop(server: Server, code: str) -> None:
    with psycopg.connect(server.url) as line:
        line.execute(ADD, [code])


def shops(server: Server) -> list[str]:
    with psycopg.connect(server.url) as line:
        return [code for (code,) in line.execute("SELECT code FROM shops ORDER BY code")]


@pytest.fixture(scope="module")
def old(new_folder: Callable[[], Path]) -> Iterator[tuple[System, Path]]:
    """A system with one shop, and its backup."""
    system = System(new_folder())
    server = serve(system)
    assert system.call("migrate").returncode == 0
    add_shop(server, "lan")
    file = system.folder / "kept.tar"
    done = system.call("backup", str(file), "--with-secret")
    assert done.returncode == 0, done.stderr
    yield system, file
    server.stop()


@pytest.fixture
def new(folder: Path) -> Iterator[tuple[System, Server]]:
    system = System(folder)
    server = serve(system)
    yield system, server
    server.stop()


def test_a_backup_comes_back(old: tuple[System, Path], new: tuple[System, Server]) -> None:
    system, server = new
    done = system.call("restore", str(old[1]))
    assert done.returncode == 0, done.stderr
    assert shops(server) == ["lan"]
    assert system.call("migrate").stdout == "The tables are current\n"


def test_a_backup_is_closed_to_others_and_says_what_it_is(old: tuple[System, Path]) -> None:
    _, file = old
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as archive:
        source = archive.extractfile("manifest.json")
        assert source is not None
        manifest = json.load(source)
        names = archive.getnames()
    assert names == ["manifest.json", "secret-key", "sealing-key", "search-key", "database.dump"]
    assert set(manifest["sha256"]) == {"database.dump", "secret-key", "sealing-key", "search-key"}
    assert "fahuo.0001_initial" in manifest["migrations"]
    assert sorted(found.name for found in file.parent.iterdir()) == ["data", "kept.tar"]


def test_the_secret_stays_at_home_and_a_file_is_not_written_over(old: tuple[System, Path], tmp_path: Path) -> None:
    system, file = old
    plain = tmp_path / "plain.tar"
    assert system.call("backup", str(plain)).returncode == 0
    with tarfile.open(plain) as archive:
        assert archive.getnames() == ["manifest.json", "database.dump"]
    again = system.call("backup", str(plain))
    assert (again.returncode, "--force" in again.stderr) == (1, True)
    assert system.call("backup", str(plain), "--force").returncode == 0
    nowhere = system.call("backup", str(tmp_path / "no" / "where.tar"))
    assert (nowhere.returncode, "cannot be written" in nowhere.stderr) == (1, True)


def test_a_database_with_shops_is_replaced_only_by_force(old: tuple[System, Path], new: tuple[System, Server]) -> None:
    system, server = new
    assert system.call("migrate").returncode == 0
    add_shop(server, "zhu")
    refused = system.call("restore", str(old[1]))
    assert (refused.returncode, "--force" in refused.stderr) == (1, True)
    assert shops(server) == ["zhu"]
    forced = system.call("restore", str(old[1]), "--force")
    assert forced.returncode == 0, forced.stderr
    assert shops(server) == ["lan"]


def spoil(file: Path, target: Path, place: float) -> Path:
    body = bytearray(file.read_bytes())
    body[int(len(body) * place)] ^= 0xFF
    target.write_bytes(body)
    return target


def test_a_damaged_file_changes_nothing(old: tuple[System, Path], new: tuple[System, Server], tmp_path: Path) -> None:
    system, server = new
    assert system.call("migrate").returncode == 0
    add_shop(server, "zhu")
    file = old[1]
    cut = tmp_path / "cut.tar"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    text = tmp_path / "text.tar"
    text.write_text("no backup")
    for damaged in (spoil(file, tmp_path / "spoilt.tar", 0.5), cut, text, tmp_path / "missing.tar"):
        done = system.call("restore", str(damaged), "--force")
        assert done.returncode == 1, damaged.name
        assert damaged.name in done.stderr
        assert "Traceback" not in done.stderr
    assert shops(server) == ["zhu"]


def rebuild(file: Path, target: Path, dump: bytes | None = None, **changes: object) -> Path:
    """A backup with sound checksums and other content."""
    import hashlib
    import io

    with tarfile.open(file) as archive, tarfile.open(target, "w") as made:
        parts = {entry.name: archive.extractfile(entry) for entry in archive}
        bodies = {name: source.read() for name, source in parts.items() if source}
        manifest = json.loads(bodies["manifest.json"]) | changes
        bodies["database.dump"] = dump or bodies["database.dump"]
        manifest["sha256"]["database.dump"] = hashlib.sha256(bodies["database.dump"]).hexdigest()
        bodies["manifest.json"] = json.dumps(manifest).encode()
        for name, body in bodies.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            made.addfile(entry, io.BytesIO(body))
    return target


def test_a_restore_that_fails_half_way_changes_nothing(
    old: tuple[System, Path], new: tuple[System, Server], tmp_path: Path
) -> None:
    system, server = new
    assert system.call("migrate").returncode == 0
    add_shop(server, "zhu")
    with tarfile.open(old[1]) as archive:
        source = archive.extractfile("database.dump")
        assert source is not None
        dump = source.read()
    done = system.call("restore", str(rebuild(old[1], tmp_path / "half.tar", dump[: len(dump) - 4000])), "--force")
    assert done.returncode == 1
    assert "unchanged" in done.stderr
    assert shops(server) == ["zhu"]


def test_a_backup_of_a_newer_version_is_refused(
    old: tuple[System, Path], new: tuple[System, Server], tmp_path: Path
) -> None:
    system, _ = new
    newer = rebuild(old[1], tmp_path / "newer.tar", migrations=["fahuo.9999_tomorrow"])
    done = system.call("restore", str(newer))
    assert done.returncode == 1
    assert "fahuo.9999_tomorrow" in done.stderr
