"""What the doctor finds, and what it says to do."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from fahuo.cli import doctor, doctor_running
from tests.cli.systems import System
from tests.conftest import NOW


def by_check(text: str) -> dict[str, dict[str, str]]:
    return {found["check"]: found for found in json.loads(text)}


@pytest.mark.postgres
def test_a_new_installation_lacks_its_tables_and_then_its_clock(folder: Path) -> None:
    system = System(folder)
    first = system.call("doctor", "--json")
    assert first.returncode == 2, first.stderr
    found = by_check(first.stdout)
    assert (found["tables"]["state"], found["tables"]["mend"]) == ("fail", "fahuo migrate")
    assert {found[name]["state"] for name in ("settings", "secret", "demo", "database", "time")} == {"ok"}

    assert system.call("migrate").returncode == 0
    second = system.call("doctor")
    assert second.returncode == 1
    assert "clock     has never run" in second.stdout
    assert "fail" not in second.stdout


def test_every_wrong_setting_is_a_failure_of_its_own(folder: Path) -> None:
    done = System(folder, FAHUO_PORT="x", FAHUO_DEMO="x").call("doctor", "--json")
    assert done.returncode == 2
    assert [(found["check"], found["state"]) for found in json.loads(done.stdout)] == [("settings", "fail")] * 2
    assert not (folder / "data").exists()


def test_a_database_that_is_not_there(folder: Path) -> None:
    done = System(folder, DATABASE_URL="postgresql://me@127.0.0.1:1/none").call("doctor", "--json")
    assert done.returncode == 2
    found = by_check(done.stdout)["database"]
    assert found["state"] == "fail"
    assert "DATABASE_URL" in found["mend"]


def test_a_web_server_that_is_asked_for_and_not_there() -> None:
    found = doctor_running.web_finding("http://127.0.0.1:1")
    assert (found.state, "127.0.0.1:1" in found.seen) == ("fail", True)
    assert doctor_running.web_finding("file:///etc").state == "fail"


def test_other_commands_say_so_too(folder: Path) -> None:
    done = System(folder, DATABASE_URL="postgresql://me@127.0.0.1:1/none").call("migrate")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be reached" in done.stderr


@pytest.mark.parametrize(
    ("version", "encoding", "letters", "state"),
    [(180006, "UTF8", True, "ok"), (150000, "UTF8", True, "ok"), (140012, "UTF8", True, "fail"),
     (170001, "SQL_ASCII", True, "fail"), (170001, "UTF8", False, "warn")],
)  # fmt: skip
def test_servers(version: int, encoding: str, letters: bool, state: str) -> None:
    found = doctor.server_finding(version, encoding, letters, 2**20)
    assert found.state == state
    assert bool(found.mend) == (state != "ok")


def test_clocks() -> None:
    assert doctor.clock_finding(None, NOW).state == "warn"
    assert doctor.clock_finding(NOW - timedelta(seconds=2), NOW).state == "ok"
    late = doctor.clock_finding(NOW - timedelta(minutes=5), NOW)
    assert late.state == "warn"
    assert "300" in late.seen


def test_time_skew() -> None:
    assert doctor.skew_finding(NOW, NOW + timedelta(seconds=1)).state == "ok"
    assert doctor.skew_finding(NOW, NOW + timedelta(minutes=1)).state == "warn"


@pytest.mark.parametrize(
    ("demo", "https", "state"), [(False, False, "ok"), (False, True, "ok"), (True, False, "warn"), (True, True, "fail")]
)
def test_a_demo_on_a_public_name_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, demo: bool, https: bool, state: str
) -> None:
    monkeypatch.setattr("fahuo.settings.DEMO", demo)
    monkeypatch.setattr("fahuo.settings.HTTPS", https)
    assert doctor.demo_finding().state == state


@pytest.mark.parametrize(("secret", "mode", "state"), [("weak", 0o600, "fail"), ("", 0o600, "ok"), ("", 0o644, "fail")])
def test_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, mode: int, state: str) -> None:
    from fahuo import settings

    kept = settings.kept_secret(tmp_path)
    (tmp_path / "secret-key").chmod(mode)
    monkeypatch.setattr("fahuo.settings.DATA", tmp_path)
    monkeypatch.setattr("fahuo.settings.DEMO", False)
    monkeypatch.setattr("fahuo.settings.SECRET_KEY", secret or kept)
    assert doctor.secret_finding().state == state


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fahuo.settings.DATA", tmp_path / "data")
    assert doctor.folder_finding().state in ("ok", "warn")
    (tmp_path / "file").touch()
    monkeypatch.setattr("fahuo.settings.DATA", tmp_path / "file" / "data")
    assert doctor.folder_finding().state == "fail"
    monkeypatch.setattr("fahuo.settings.DATA", tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 2**20})())
    assert doctor.folder_finding().state == "fail"
