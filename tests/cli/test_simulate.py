"""fahuo simulate: what it prints, its exit statuses, files that are none, and that nothing stays behind."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.apps import apps

from fahuo.cli import main as cli
from fahuo.store import sql

STORY = """\
title = "silence"
rulebook = "tmall"

[shop]
staff = ["cs1"]

[[order]]
id = "A"
paid_at = 2022-08-10T10:00:00+08:00
price = "300.00"

[[event]]
at = 2022-08-12T15:00:00+08:00
do = "urge"
order = "A"

[[event]]
at = 2022-08-14T09:00:00+08:00
do = "adjudicate"
order = "A"
verdict = "upheld"

"""
EXPECT = '[[expect]]\nat = 2022-08-14T09:00:00+08:00\norder = "A"\n'


def simulate(*words: str | Path, language: str = "en") -> Result:
    return CliRunner(env={"FAHUO_LANG": language}).invoke(cli.main, ["simulate", *map(str, words)])


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def made(text: str, name: str = "story.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return made


def test_a_story_that_holds_is_one_line_and_a_summary(db: None, write: Any) -> None:
    path = write(STORY + EXPECT + 'compensation = "15.00"\npoints = 3\n')
    done = simulate(path)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [f"ok {path}: silence", "1 scenarios: 1 ok, 0 differ"]


def test_what_differs_is_one_line_with_all_that_differs(db: None, write: Any) -> None:
    good = write(STORY, "good.toml")
    bad = write(
        STORY + EXPECT + 'compensation = "30.00"\nrefused = true\ntask_due = 2022-08-14T15:00:00+08:00\n'
        "reminders = { cs1 = 2 }\n", "bad.toml",
    )  # fmt: skip
    done = simulate(good, bad)
    assert done.exit_code == 1
    at = "2022-08-14T09:00:00+08:00 order A"
    assert done.stdout.splitlines() == [
        f"ok {good}: silence",
        f"differs {bad}: silence: {at} compensation: expected 30.00, got 15.00; {at} refused: expected true, got false; "
        f"{at} task_due: expected 2022-08-14T15:00:00+08:00, got none; {at} reminders.cs1: expected 2, got 0",
        "2 scenarios: 1 ok, 1 differ",
    ]


def test_an_average_is_compared_to_as_many_decimals_as_are_expected(db: None, write: Any) -> None:
    talk = "".join(
        f'[[event]]\nat = 2022-08-11T{hour}:00:00+08:00\ndo = "contact_again"\norder = "A"\n'
        f'[[event]]\nat = 2022-08-11T{hour}:00:{seconds}+08:00\ndo = "seller_message"\norder = "A"\nby = "cs1"\n'
        for hour, seconds in (("09", "20"), ("10", "20"), ("11", "21"))
    )
    story = STORY.partition("[[event]]")[0] + talk
    expect = '[[expect]]\nat = 2022-08-12T00:00:00+08:00\nstaff = "cs1"\navg_response_seconds = {}\n'
    assert simulate(write(story + expect.format("20.3333333333"))).exit_code == 0
    assert simulate(write(story + expect.format("20.33"))).exit_code == 0
    assert simulate(write(story + expect.format("20.3"))).exit_code == 0
    assert simulate(write(story + expect.format("20"))).exit_code == 0
    done = simulate(write(story + expect.format("21")))
    assert done.exit_code == 1
    assert "staff cs1 avg_response_seconds: expected 21, got 20.33" in done.stdout
    early = expect.replace("08-12", "08-11")
    assert "expected 20, got none" in simulate(write(story + early.format("20"))).stdout


def test_another_rule_book(db: None, write: Any) -> None:
    path = write(STORY + EXPECT + 'compensation = "15.00"\n')
    big = write(path.read_text("utf-8").replace("300.00", "900.00").replace("15.00", "45.00"), "big.toml")
    assert simulate(big).exit_code == 0
    done = simulate(big, "--rulebook", "taobao")
    assert done.exit_code == 1
    assert "expected 45.00, got 30.00" in done.stdout
    assert simulate(big, "--rulebook", "ebay").exit_code == 2


def test_the_timeline_as_one_document(db: None, write: Any) -> None:
    """Every entry has its clause and version; every move of a task says who, when, from, by what, to."""
    done = simulate(write(STORY + EXPECT + "points = 0\n"), "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["summary"] == {"scenarios": 1, "ok": 0, "differ": 1}
    [story] = told["scenarios"]
    assert story["scenario"] == "silence"
    assert story["rulebook"] == "tmall"
    assert story["differences"] == [
        {
            "scenario": "silence",
            "at": "2022-08-14T09:00:00+08:00",
            "order": "A",
            "key": "points",
            "expected": 0,
            "got": 3,
        }
    ]
    entries = story["timeline"]
    assert {entry["what"] for entry in entries} == {
        "paid", "event", "transition", "order", "deadline", "complaint", "penalty", "reminder",
    }  # fmt: skip
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    for entry in entries:
        assert entry["clause"]
        assert entry["rulebook"] == "tmall-2021-01-14"
        assert entry["order"] == "A"
    moves = [entry for entry in entries if entry["what"] == "transition"]
    assert [(move["at"][5:16], move["by"], move["from"], move["event"], move["to"], move["clause"]) for move in moves] == [
        ("08-12T15:00", "buyer", "", "urged", "awaiting_seller_reply", "late_urge"),
        ("08-13T15:00", "clock", "awaiting_seller_reply", "due", "platform_intervention", "no_reply"),
    ]  # fmt: skip
    reminders = [
        (entry["at"][5:16], entry["account"], entry["status"]) for entry in entries if entry["what"] == "reminder"
    ]
    assert reminders == [
        ("08-12T15:00", "cs1", "delivered"), ("08-13T03:00", "cs1", "delivered"), ("08-13T11:00", "cs1", "delivered"),
        ("08-13T14:00", "cs1", "delivered"),
    ]  # fmt: skip
    [penalty] = [entry for entry in entries if entry["what"] == "penalty"]
    assert (penalty["clause"], penalty["compensation"], penalty["points"]) == ("delay", "15.00", 3)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "the platform complains for the buyer: delay"), ("zh", "平台替买家投诉：延迟发货")],
)
def test_the_timeline_for_people(db: None, write: Any, language: str, words: str) -> None:
    done = simulate(write(STORY), "--explain", language=language)
    assert done.exit_code == 0, done.output
    assert f"2022-08-13 15:00:00  A  {words}  [delay / tmall-2021-01-14]" in done.stdout
    assert len(done.stdout.splitlines()) > 10


def test_every_entry_of_every_story_has_its_words(db: None) -> None:
    files = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))
    for language in ("zh", "en"):
        done = simulate(*files[:: 3 if language == "en" else 4], "--explain", language=language)
        assert done.exit_code == 0, done.output


def test_a_refused_event_is_no_error_and_says_why(db: None, write: Any) -> None:
    refused = STORY.replace('do = "urge"', 'do = "buyer_accept"')
    expect = '[[expect]]\nat = 2022-08-12T15:00:00+08:00\norder = "A"\nrefused = true\ntask = "none"\n'
    done = simulate(write(refused + expect), "--json")
    assert done.exit_code == 0, done.output
    [entry] = [
        entry for entry in json.loads(done.stdout)["scenarios"][0]["timeline"] if entry.get("do") == "buyer_accept"
    ]
    assert entry["refused"] is True
    assert entry["en"]


def table(text: str) -> str:
    return STORY + text


EVENT = "[[event]]\nat = 2022-08-15T09:00:00+08:00\n"
MALFORMED = [
    ("no = [", "TOML", ""),
    ("", "(top)", "title"),
    (STORY.partition("[shop]")[0], "(top)", "order"),
    (STORY.replace('title = "silence"\n', ""), "(top)", "title"),
    (STORY.replace('"tmall"', '"ebay"'), "(top)", "rulebook"),
    ('colour = "red"\n' + STORY, "(top)", "colour"),
    (STORY.replace("staff", "crew"), "[shop]", "crew"),
    (STORY.replace('["cs1"]', '"cs1"'), "[shop]", "staff"),
    (STORY.replace('id = "A"\n', ""), "[[order]] 1", "id"),
    (STORY.replace('id = "A"', 'id = "A\\u0000"'), "[[order]] 1", "id"),
    (STORY.replace('["cs1"]', '["cs\\u0000"]'), "[shop]", "staff"),
    (STORY.replace("2022-08-10", "9999-12-31"), "[[order]] 1", "paid_at"),
    (STORY.replace("2022-08-10", "0022-08-10"), "[[order]] 1", "paid_at"),
    (STORY.replace("T10:00:00+08:00", "T10:00:00"), "[[order]] 1", "paid_at"),
    (STORY.replace('"300.00"', "300.00"), "[[order]] 1", "price"),
    (STORY.replace('"300.00"', '"300.001"'), "[[order]] 1", "price"),
    (STORY.replace('"300.00"', '"300.00"\npromise = "soon"'), "[[order]] 1", "promise"),
    (STORY.replace('"300.00"', '"300.00"\nkind = "gift"'), "[[order]] 1", "kind"),
    (STORY.replace('"300.00"', '"300.00"\nship_to = "990000"'), "[[order]] 1", "ship_to"),
    (table('[[order]]\nid = "A"\npaid_at = 2022-08-10T10:00:00+08:00\nprice = "1.00"\n'), "[[order]] 2", "id"),
    (table(EVENT + 'order = "A"\n'), "[[event]] 3", "do"),
    (table(EVENT + 'do = "fly"\norder = "A"\n'), "[[event]] 3", "do"),
    (table(EVENT + 'do = "urge"\n'), "[[event]] 3", "order"),
    (table(EVENT + 'do = "urge"\norder = "B"\n'), "[[event]] 3", "order"),
    (table(EVENT + 'do = "urge"\norder = "A"\nplan = "exchange"\n'), "[[event]] 3", "plan"),
    (table(EVENT + 'do = "ship"\norder = "A"\nby = "cs9"\ncarrier = "ZTO"\nwaybill = "1"\n'), "[[event]] 3", "by"),
    (table(EVENT + 'do = "reply"\norder = "A"\nplan = "ship_later"\n'), "[[event]] 3", "until"),
    (table(EVENT + 'do = "approve_report"\nreport = "flood"\n'), "[[event]] 3", "report"),
    (table(EVENT.replace("15T", "01T") + 'do = "urge"\norder = "A"\n'), "[[event]] 3", "at"),
    (table('[[expect]]\nat = 2022-08-15T09:00:00+08:00\norder = "B"\ntask = "none"\n'), "[[expect]] 1", "order"),
    (table(EXPECT + 'mood = "good"\n'), "[[expect]] 1", "mood"),
    (table(EXPECT + 'task = "asleep"\n'), "[[expect]] 1", "task"),
    (table(EXPECT + "points = -1\n"), "[[expect]] 1", "points"),
    (table(EXPECT + "refused = 1\n"), "[[expect]] 1", "refused"),
    (table(EXPECT + "reminders = { cs9 = 1 }\n"), "[[expect]] 1", "reminders"),
    (table(EXPECT), "[[expect]] 1", "order"),
    (table('[[expect]]\nat = 2022-08-15T09:00:00+08:00\nstaff = "cs1"\npoints = 1\n'), "[[expect]] 1", "points"),
]


@pytest.mark.parametrize(("text", "where", "key"), MALFORMED)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_malformed_file_is_one_line_that_names_file_table_and_key(
    write: Any, text: str, where: str, key: str, language: str
) -> None:
    """No database is needed to say so: this test has none."""
    path = write(text)
    done = simulate(path, language=language)
    assert done.exit_code == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith(f"{path}: ")
    assert key in line
    assert where in line


def test_each_malformed_file_has_its_line_and_none_is_played(write: Any) -> None:
    files = [write(STORY, "good.toml"), write("x = ", "one.toml"), write(STORY + "y = ", "two.toml")]
    done = simulate(*files)
    assert done.exit_code == 2
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [str(files[1]), str(files[2])]
    assert done.stdout == ""


def test_what_is_no_text_is_told_in_one_line_too(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"title = \xff\xfe")
    for path in (tmp_path / "binary.toml", tmp_path / "nowhere.toml", tmp_path):
        done = simulate(path)
        assert done.exit_code == 2
        [line] = done.stderr.splitlines()
        assert str(path) in line


def test_a_file_with_a_byte_order_mark_is_read(db: None, tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf" + STORY.encode())
    assert simulate(path).exit_code == 0


def test_no_file_is_a_usage_error() -> None:
    assert simulate().exit_code == 2
    assert simulate("--fast").exit_code == 2


def stands() -> dict[str, Any]:
    """Every row of every table, every sequence, and whatever relation there is besides."""
    names = sorted(model._meta.db_table for model in apps.get_app_config("fahuo").get_models())
    found: dict[str, Any] = {
        name: sql.fetch(f"SELECT count(*) AS n, max(t::text) AS last FROM {name} t")[0] for name in names
    }
    found["sequences"] = sql.fetch("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
    found["relations"] = sql.fetch("SELECT relname FROM pg_class WHERE relkind IN ('r', 'S') ORDER BY 1")
    return found


@pytest.mark.django_db(transaction=True)
def test_nothing_stays_behind(write: Any) -> None:
    """Not a row, not a number of a sequence, not a table; whether the story holds, differs or breaks off."""
    before = stands()
    for expect in ('compensation = "15.00"\n', "points = 99\n"):
        simulate(write(STORY + EXPECT + expect))
        assert stands() == before


@pytest.mark.django_db(transaction=True)
def test_nothing_stays_behind_when_it_breaks_off(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from fahuo.services.simulation import play

    def breaks(*_: object) -> None:
        raise RuntimeError("in the middle")

    before = stands()
    monkeypatch.setattr(play, "differences", breaks)
    done = simulate(write(STORY + EXPECT + "points = 3\n"))
    assert isinstance(done.exception, RuntimeError)
    assert stands() == before


@pytest.mark.parametrize("do", ["ship_without_permission", "reply_without_permission"])
def test_who_gets_something_done_without_the_permission_is_a_difference(
    db: None, write: Any, monkeypatch: pytest.MonkeyPatch, do: str
) -> None:
    """Were the services to let it pass, the story says so although it expects nothing of it."""
    from fahuo.services.simulation.stage import Stage

    story = STORY + f'[[event]]\nat = 2022-08-15T09:00:00+08:00\ndo = "{do}"\norder = "A"\nby = "cs1"\n'
    assert simulate(write(story)).exit_code == 0
    monkeypatch.setattr(Stage, "without", lambda self, name, permission: self.owner)
    done = simulate(write(story.replace("08-15T09", "08-12T16").replace("08-14T09", "08-12T15")))
    assert done.exit_code == 1
    assert f"order A {do}: expected refused, got done" in done.stdout
