"""Every knob is read from the environment, nonsense is refused by name, and the manual lists them all."""

import json
import logging
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from fahuo import settings
from fahuo.logs import Lines
from fahuo.rules.problems import Refusal, sentences

MANUAL = Path(__file__).parents[2] / "docs" / "operate.md"
STRONG = "0123456789-abcdefghijklmnopqrstuvwxyz"


def codes(environ: dict[str, str]) -> list[str]:
    with pytest.raises(Refusal) as caught:
        settings.read(environ)
    return [problem.code for problem in caught.value.problems]


def test_an_empty_environment_is_a_working_one() -> None:
    found = settings.read({})
    assert found["DATABASE_URL"] is None
    assert found["FAHUO_DATA"] == Path("var").absolute()
    assert found["FAHUO_HTTPS"] is False
    assert found["FAHUO_DEMO"] is False


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("FAHUO_DEMO", "perhaps", "setting_boolean"),
        ("FAHUO_HTTPS", "2", "setting_boolean"),
        ("FAHUO_PORT", "http", "setting_number"),
        ("FAHUO_PORT", "0", "setting_number"),
        ("FAHUO_PORT", "65536", "setting_number"),
        ("FAHUO_PORT", "-1", "setting_number"),
        ("FAHUO_PORT", "\u0668\u0660", "setting_number"),
        ("FAHUO_KEEP_DAYS", "1", "setting_number"),
        ("FAHUO_UPLOAD_LIMIT", "lots", "setting_size"),
        ("FAHUO_UPLOAD_LIMIT", "1", "setting_size"),
        ("FAHUO_UPLOAD_LIMIT", "3G", "setting_size"),
        ("FAHUO_HOSTS", "*", "setting_hosts"),
        ("FAHUO_HOSTS", "https://a.example", "setting_hosts"),
        ("FAHUO_HOSTS", " , ", "setting_hosts"),
        ("FAHUO_LANG", "fr", "setting_choice"),
        ("FAHUO_SECRET_KEY", "short", "setting_secret_weak"),
        ("FAHUO_SECRET_KEY", "ab" * 40, "setting_secret_weak"),
        ("DATABASE_URL", "mysql://u@h/db", "setting_database_url"),
        ("DATABASE_URL", "postgresql://host", "setting_database_url"),
        ("DATABASE_URL", "postgresql://u:p@h:port/db", "setting_database_url"),
        ("DATABASE_URL", "postgresql://u@h/db?wrong=1", "setting_database_url"),
        ("DATABASE_URL", "postgresql:///db", "setting_database_url"),
        ("DATABASE_URL_FILE", "/nowhere/at/all", "setting_file"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_variable(name: str, text: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        settings.read({name: text})
    [problem] = caught.value.problems
    assert problem.code == code
    for language in ("zh", "en"):
        assert name in problem.sentence(language)
        assert "\n" not in problem.sentence(language)
        assert len(text) < 10 or text not in problem.sentence(language), "a value may be a secret"


def test_every_wrong_variable_is_named_at_once() -> None:
    assert codes({"FAHUO_PORT": "x", "FAHUO_DEMO": "x"}) == ["setting_number", "setting_boolean"]


def test_debug_pages_stay_on_this_machine() -> None:
    assert codes({"FAHUO_DEBUG": "yes", "FAHUO_HOSTS": "shop.example"}) == ["setting_debug_public"]


def test_a_weak_secret_is_good_enough_for_a_demo_only() -> None:
    assert settings.read({"FAHUO_SECRET_KEY": "short", "FAHUO_DEMO": "yes"})["FAHUO_SECRET_KEY"] == "short"


def test_a_public_name_turns_secure_cookies_on_unless_told_otherwise() -> None:
    assert settings.read({"FAHUO_HOSTS": "shop.example"})["FAHUO_HTTPS"] is True
    assert settings.read({"FAHUO_HOSTS": "shop.example", "FAHUO_HTTPS": "no"})["FAHUO_HTTPS"] is False


def test_sizes_are_bytes() -> None:
    assert settings.read({"FAHUO_UPLOAD_LIMIT": "2m"})["FAHUO_UPLOAD_LIMIT"] == 2 * 2**20


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{STRONG}\n")
    assert settings.read({"FAHUO_SECRET_KEY_FILE": str(file)})["FAHUO_SECRET_KEY"] == STRONG
    assert codes({"FAHUO_SECRET_KEY_FILE": str(file), "FAHUO_SECRET_KEY": STRONG}) == ["setting_twice"]


def test_a_database_address_is_taken_apart() -> None:
    found = settings.read({"DATABASE_URL": "postgresql://me:p%40ss@db.example:5433/shop?sslmode=require"})[
        "DATABASE_URL"
    ]
    wanted = {"NAME": "shop", "HOST": "db.example", "PORT": "5433", "USER": "me", "PASSWORD": "p@ss"}
    assert wanted.items() <= found.items()
    assert found["OPTIONS"] == {"sslmode": "require"}
    socket = settings.as_database("DATABASE_URL", "postgresql://fahuo@/fahuo?host=%2Ftmp%2Fa%20b")
    assert socket is not None
    assert socket["HOST"] == "/tmp/a b"


def test_misspelt_variables_are_noticed() -> None:
    assert settings.unknown({"FAHUO_HOST": "x", "FAHUO_PORT": "1", "FAHUO_SECRET_KEY_FILE": "x", "HOME": "/"}) == [
        "FAHUO_HOST"
    ]


def test_the_generated_secret_is_kept_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    secret = settings.kept_secret(folder)
    assert settings.kept_secret(folder) == secret
    assert not settings.weak(secret)
    assert stat.S_IMODE((folder / "secret-key").stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir()] == ["secret-key"]


def test_a_data_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal) as caught:
        settings.kept_secret(tmp_path / "file" / "data")
    assert caught.value.problems[0].code == "setting_data_folder"


def test_settings_load_without_django() -> None:
    from subprocess import run

    code = "import sys, fahuo.settings; sys.exit('django' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def rows(language: str) -> list[str]:
    return [
        f"| `{knob.name}` | `{knob.default}` | {getattr(knob, language)} |".replace("``", "") for knob in settings.KNOBS
    ]


def test_the_manual_lists_every_variable() -> None:
    lines = MANUAL.read_text("utf-8").splitlines()
    listed = [line for line in lines if line.startswith(("| `FAHUO_", "| `DATABASE_"))]
    assert listed == rows("en"), "docs/operate.md: the table of variables must be exactly this:\n" + "\n".join(
        rows("en")
    )


def test_each_problem_of_a_setting_is_told_in_both_languages() -> None:
    for code, texts in sentences().items():
        if code.startswith("setting_"):
            assert set(texts) == {"zh", "en"}


def test_the_log_tells_of_a_failure_without_what_it_says() -> None:
    try:
        raise ValueError("收件人 13800000000")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "round failed", (), sys.exc_info())
    record.facts = {"clock": "a:1"}
    line: dict[str, Any] = json.loads(Lines().format(record))
    assert line["event"] == "round failed"
    assert line["error"] == "ValueError"
    assert line["clock"] == "a:1"
    assert "13800000000" not in json.dumps(line)
    assert "13800000000" in Lines(details=True).format(record)
