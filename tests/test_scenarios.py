"""The project's own stories: each comes as it expects, and together they cover every clause of the rules."""

import re
from pathlib import Path

import pytest

from fahuo.rules import complaints, deadlines, policy, tasks, urges
from fahuo.rules.scenario_keys import EVENTS, EXPECT_ORDER, EXPECT_STAFF
from fahuo.rules.scenarios import Scenario, parse
from fahuo.services.simulation.play import Played, play_all
from fahuo.store.sandbox import sandbox

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "scenarios").glob("*.toml"))
PAGE = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
ROW = re.compile(r"^\| `([a-z]+\.[a-z-]+)` \| ([SNA]) \| (.+?) \| (.+) \|$", re.MULTILINE)
CLAUSES = {clause: told for clause, _, _, told in ROW.findall(PAGE)}
COVERS = re.compile(r"^# covers: (.+)$", re.MULTILINE)

UNTOLD = {
    "time.utc", "time.one-clock", "deadline.channel", "task.log", "people.others", "response.automatic",
}  # fmt: skip
"""Clauses that no file of this form can tell. This list only shrinks."""


def covered(file: Path) -> list[str]:
    found = COVERS.search(file.read_text("utf-8"))
    assert found, f"{file.name} does not say what it covers"
    return found[1].split(", ")


@pytest.fixture(scope="module")
def stories() -> dict[str, Scenario]:
    return {file.stem: parse(file.read_text("utf-8")) for file in FILES}


@pytest.fixture
def played(db: None, stories: dict[str, Scenario]) -> dict[str, Played]:
    found = play_all((story, story.rulebook) for story in stories.values())
    return dict(zip(stories, found, strict=True))


def test_every_story_comes_as_it_expects_and_together_they_go_everywhere(played: dict[str, Played]) -> None:
    """One test for all, because playing them takes most of its time."""
    assert {name: one.differences for name, one in played.items() if one.differences} == {}
    every_move_is_made(played)
    every_reason_is_given(played)
    evidence(played)


def every_move_is_made(played: dict[str, Played]) -> None:
    """Every row of the table of moves is walked, but for what only other kinds of task know."""
    made = {
        (entry.data["from"], entry.data["event"])
        for one in played.values() for entry in one.entries if entry.what == "transition"
    }  # fmt: skip
    wanted = {("", tasks.URGED), *((state, event) for state, event in tasks.TABLE if event != "tracked")}
    assert wanted - made == set()


def every_reason_is_given(played: dict[str, Played]) -> None:
    entries = [entry for one in played.values() for entry in one.entries]
    assert set(urges.REASONS) <= {entry.clause for entry in entries if entry.data.get("do") == "urge"}
    decided = {entry.clause for entry in entries if entry.what == "deadline"}
    assert set(deadlines.CLAUSES) - {"channel", "unpaid"} <= decided
    assert set(complaints.KINDS) == {entry.clause for entry in entries if entry.what == "complaint"}
    assert {"todo_notice", "reminders_per_day"} <= {entry.clause for entry in entries if entry.what == "reminder"}
    for entry in entries:
        assert entry.clause
        assert entry.rulebook


def evidence(played: dict[str, Played]) -> None:
    """What has no expectation of its own stands in the timeline."""
    alerts = [(entry.clause, entry.orders) for entry in played["scans"].entries if entry.what == "alert"]
    assert alerts == [
        ("number_used_before", ("again",)), ("not_picked_up", ("unscanned",)), ("silent", ("silent",))
    ]  # fmt: skip
    fired = [entry.at for entry in played["silent-consent"].entries if entry.data.get("event") == "due"]
    assert len(fired) == len(set(fired)) == 2
    cards = [entry for entry in played["contact-again"].entries if entry.data.get("do") == "contact_again"]
    assert len(cards) == 2


def test_the_stories_use_every_event_every_expectation_and_both_books(stories: dict[str, Scenario]) -> None:
    assert {event.do for story in stories.values() for event in story.events} == set(EVENTS)
    keys = {key for story in stories.values() for expect in story.expects for key in expect.values}
    assert keys == {*EXPECT_ORDER, *EXPECT_STAFF}
    assert {story.rulebook for story in stories.values()} == set(policy.platforms())


def test_every_clause_has_a_story() -> None:
    told = {clause for file in FILES for clause in covered(file)}
    assert set(CLAUSES) - told == UNTOLD
    assert told - set(CLAUSES) == set(), "clauses that docs/scenarios.md does not list"


@pytest.mark.parametrize("clause", sorted(set(CLAUSES) - UNTOLD))
def test_the_page_names_the_stories_of_a_clause(clause: str) -> None:
    names = [file.stem for file in FILES if clause in covered(file)]
    assert CLAUSES[clause] == ", ".join(f"[{name}](../scenarios/{name}.toml)" for name in names)


@pytest.mark.parametrize("clause", sorted(UNTOLD))
def test_what_no_story_can_tell_names_its_test(clause: str) -> None:
    path = re.match(r"`([\w/.]+)`", CLAUSES[clause])
    assert path
    assert (ROOT / path[1]).is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_story_says_in_english_what_its_title_says_in_chinese(file: Path) -> None:
    first = file.read_text("utf-8").splitlines()[0]
    assert re.match(r"# [A-Z]", first)
    assert re.search(r"[一-鿿]", parse(file.read_text("utf-8")).title)


def test_every_event_and_expectation_stands_on_the_page() -> None:
    for name in (*EVENTS, *EXPECT_ORDER, *EXPECT_STAFF):
        assert f"`{name}`" in PAGE, name


def test_a_story_sees_nothing_of_what_stands(db: None, stories: dict[str, Scenario]) -> None:
    """Real exemptions of a platform do not colour a story, and one story's do not colour the next."""
    from fahuo.services import regions
    from fahuo.services.simulation.stage import PLATFORM
    from tests.conftest import NOW

    regions.list_exempt(PLATFORM, "31", NOW.replace(year=2020), NOW, book="taobao", now=NOW)
    pair = [(stories[name], "taobao") for name in ("exempt-receiver", "exempt-receiver", "weekend")]
    assert [one.differences for one in play_all(pair)] == [(), (), ()]


def test_the_shadow_tables_are_whole(db: None) -> None:
    """Each table of ours is shadowed with its constraints, and ids come from a sequence of its own."""
    from django.apps import apps

    from fahuo.store import sql

    names = sorted(model._meta.db_table for model in apps.get_app_config("fahuo").get_models())
    statement = """
        SELECT c.relname AS name, count(i.indexrelid) AS indexes FROM pg_class c
        LEFT JOIN pg_index i ON i.indrelid = c.oid
        WHERE c.relname = ANY(%(names)s) AND c.relkind = 'r' AND c.relnamespace = {space} GROUP BY 1 ORDER BY 1"""
    real = sql.fetch(statement.format(space="'public'::regnamespace"), names=names)
    with sandbox():
        assert sql.fetch(statement.format(space="pg_my_temp_schema()"), names=names) == real
        assert sql.fetch("SELECT nextval('ids') AS id")[0].id == 1
        kept = sql.fetch(
            "SELECT relname FROM pg_class c JOIN pg_attrdef d ON d.adrelid = c.oid JOIN pg_depend p ON p.objid = d.oid"
            " AND p.refobjid = 'public.ids'::regclass WHERE c.relnamespace = pg_my_temp_schema()"
        )
        assert kept == []
    assert sql.fetch("SELECT 'orders'::regclass::text AS name, to_regclass('pg_temp.orders') AS shadow")[0][1] is None
    assert [row.name for row in real] == names
