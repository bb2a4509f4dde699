"""The secret scan finds what it should, nothing in this repository, and the audit never passes for what was not asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts import audit, leaks

PLANTED = {
    "aws": "AKIA" + "IOSFODNN7" + "EXAMPLE",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "github": "ghp" + "_" + "a1B2" * 9,
    "slack": "xoxb-" + "123456789012-" + "a1b2c3d4e5f6a7b8c9d0",
    "address": "postgresql://fahuo:" + "s3cr3tpassw0rd" + "@db.example/fahuo",
    "literal": "api_secret" + ' = "' + "a8f5f167f44f4964e6c998dee827110c" + '"',
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_secret_is_found_and_not_repeated(kind: str, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "settings.py"
    file.write_text(f"first = 1\n{PLANTED[kind]}\n", "utf-8")
    assert leaks.main([str(file)]) == 1
    told = capsys.readouterr().err
    assert f"{file}:2: " in told
    assert PLANTED[kind] not in told


def test_a_line_may_say_that_it_holds_none(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text(
        f"{PLANTED['literal']}  # pragma: allowlist secret\nword = 'postgresql://user:password@host/name'\n"
    )
    assert leaks.main([str(file)]) == 0


def test_nothing_here_is_a_secret() -> None:
    assert list(leaks.leaks(leaks.kept_by_git())) == []


def answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stdout: str, stderr: str = "") -> None:
    """pip-audit says this."""
    monkeypatch.setenv("FAHUO_DATA", str(tmp_path / "var"))
    program = tmp_path / "said.py"
    program.write_text(f"import sys\nsys.stdout.write({stdout!r})\nsys.stderr.write({stderr!r})\n")
    real = audit.subprocess.run
    monkeypatch.setattr(
        audit.subprocess, "run", lambda command, **more: real([command[0], str(program)], **more)
    )  # fmt: skip


def test_where_the_service_is_out_of_reach_nothing_was_audited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    answer(monkeypatch, tmp_path, "", "ConnectionError: no route")
    assert [audit.main([]), audit.main(["--strict"])] == [0, 3]
    assert capsys.readouterr().err.count("NOT AUDITED") == 2
    assert not audit.kept().exists()


def test_a_known_weakness_fails_and_names_what_mends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    weak = {"name": "x", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    answer(monkeypatch, tmp_path, json.dumps({"dependencies": [weak]}))
    assert audit.main([]) == 1
    assert "x 1: CVE-1 (mended in 2)" in capsys.readouterr().err


def test_what_was_found_well_today_is_not_asked_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer(monkeypatch, tmp_path, json.dumps({"dependencies": [{"name": "x", "version": "1", "vulns": []}]}))
    assert audit.main([]) == 0
    answer(monkeypatch, tmp_path, "", "out of reach")
    assert audit.main(["--strict"]) == 0
