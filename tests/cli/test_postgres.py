"""The embedded server: started, shared, recovered, and stopped by whoever leaves last. On real PostgreSQL."""

import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fahuo.cli import postgres
from fahuo.cli.postgres import Server
from fahuo.rules.problems import Refusal

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    found = Server(folder, throw_away=True)
    assert found.start() is True
    yield found
    found.stop()


def postmaster(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def test_a_new_cluster_knows_chinese_and_opens_no_port(server: Server) -> None:
    with psycopg.connect(server.url) as line:
        found = line.execute(
            "SELECT current_setting('listen_addresses'), current_setting('server_encoding'), lower('Ａ'), current_user"
        ).fetchone()
    assert found == ("", "UTF8", "ａ", "fahuo")
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.home.stat().st_mode) == 0o700
    assert server.home.name == f"postgres-{server.version}"


def test_a_second_process_attaches_and_the_last_one_stops_it(server: Server, folder: Path) -> None:
    other = Server(folder)
    began = time.monotonic()
    assert other.start() is False
    assert time.monotonic() - began < 1
    pid = postmaster(server)
    server.leave()
    assert other.answers()
    assert postmaster(other) == pid
    other.leave()
    assert not other.answers()
    assert not other.alive()


def test_a_killed_user_does_not_keep_the_server_running(server: Server, folder: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from fahuo.cli.postgres import Server\n"
        "s = Server(Path(sys.argv[1])); s.start(); print('in', flush=True); time.sleep(60)"
    )
    user = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE)
    assert user.stdout is not None
    assert user.stdout.readline() == b"in\n"
    user.kill()
    user.wait()
    user.stdout.close()
    server.leave()
    assert not server.answers()


def test_what_was_committed_survives_a_killed_server(folder: Path) -> None:
    server = Server(folder)  # with fsync, as for real work
    server.start()
    with psycopg.connect(server.url) as line:
        line.execute("CREATE TABLE kept AS SELECT generate_series(1, 200) AS n")
    os.kill(postmaster(server), signal.SIGKILL)
    assert server.start() is False
    with psycopg.connect(server.url) as line:
        assert line.execute("SELECT count(*) FROM kept").fetchone() == (200,)
    server.leave()


def test_a_cluster_that_was_half_made_is_made_again(folder: Path) -> None:
    found = Server(folder, throw_away=True)
    found.own(found.home)
    (found.home / "draft").mkdir()
    (found.home / "draft" / "PG_VERSION").write_text("18")
    assert found.start() is True
    found.stop()


def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    deep = folder / ("x" * 60) / ("数" * 20)
    found = Server(deep, throw_away=True)
    try:
        found.start()
        assert len(os.fsencode(found.sockets)) < 60
        assert stat.S_IMODE(found.sockets.stat().st_mode) == 0o700
        with psycopg.connect(found.url) as line:
            assert line.execute("SELECT 1").fetchone() == (1,)
    finally:
        found.stop()
        found.sockets.rmdir()


def test_a_socket_folder_of_somebody_else_is_refused(folder: Path) -> None:
    found = Server(folder, throw_away=True)
    (folder / "bait").symlink_to("/tmp")
    with pytest.raises(Refusal) as caught:
        found.own(folder / "bait")
    assert caught.value.problems[0].code == "postgres_folder_taken"


def test_a_cluster_of_a_version_that_is_not_here_is_not_passed_over(folder: Path) -> None:
    (folder / "postgres-12" / "data").mkdir(parents=True)
    with pytest.raises(Refusal) as caught:
        Server(folder)
    assert caught.value.problems[0].code == "postgres_other_major"
    assert caught.value.problems[0].data["version"] == 12


def test_without_any_postgresql_it_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "installed", list)
    with pytest.raises(Refusal) as caught:
        Server(folder)
    assert "make run" in caught.value.problems[0].sentence("en")


def test_a_failing_program_is_told_with_what_it_said(folder: Path) -> None:
    found = Server(folder, throw_away=True)
    found.own(found.home)
    with pytest.raises(Refusal) as caught:
        found.call("pg_ctl", "status", "-D", "nothing")
    assert "nothing" in caught.value.problems[0].sentence("en")


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_reachable_asks_every_folder_on_the_way(folder: Path, mode: int) -> None:
    (folder / "closed" / "in").mkdir(parents=True)
    (folder / "closed").chmod(mode)
    nobody = pwd.getpwnam("nobody")
    assert postgres.reachable(folder / "closed" / "in", nobody.pw_uid, nobody.pw_gid) is (mode == 0o755)
    assert postgres.reachable(folder / "closed" / "in", os.geteuid(), os.getegid())


def test_a_cluster_is_never_passed_over_because_a_folder_was_closed(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    data = folder / "closed" / "data"
    data.mkdir(parents=True)
    assert postgres.place(data, nobody) == data
    (folder / "closed").chmod(0o700)
    assert postgres.place(data, nobody).parent == Path("/var/lib/fahuo")
    assert postgres.place(data, None) == data
    (data / "postgres-18" / "data").mkdir(parents=True)
    with pytest.raises(Refusal) as caught:
        postgres.place(data, nobody)
    assert caught.value.problems[0].code == "postgres_folder_closed"


def test_the_programs_are_copied_for_a_user_who_cannot_reach_them(folder: Path) -> None:
    found = Server(folder, throw_away=True)
    found.own(found.home)
    found.copy_programs()
    assert found.home in found.programs.parents
    assert found.start() is True
    found.stop()
