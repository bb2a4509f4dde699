"""If the documents name it, it is; if it is, the documents name it."""

import re
from pathlib import Path

import pytest

from fahuo.rules import (
    batches,
    complaints,
    label_states,
    orders,
    parcels,
    people,
    pickups,
    print_jobs,
    problems,
    reminders,
    response,
    stock,
    tasks,
    urges,
)  # fmt: skip

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = problems.sentences()
CODE = "\n".join(path.read_text("utf-8") for path in (ROOT / "fahuo").rglob("*.py"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FIELD = re.compile(r"{(\w+)")


def _data(sentence: str) -> set[str]:
    """The names a sentence fills in; `carrier_en` is the English of `carrier`."""
    return {name.removesuffix("_en") for name in FIELD.findall(sentence)}


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_each_problem_speaks_both_languages_of_the_same_data(code: str) -> None:
    texts = SENTENCES[code]
    assert set(texts) == {"zh", "en"}
    assert texts["zh"].strip()
    assert texts["en"].strip()
    assert _data(texts["zh"]) == _data(texts["en"])
    assert re.search(r"[一-鿿]", texts["zh"])
    assert not re.search(r"[一-鿿]", texts["en"])


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_each_problem_is_raised_somewhere(code: str) -> None:
    assert f'"{code}"' in CODE


def test_each_problem_raised_has_its_sentence() -> None:
    raised = set(re.findall(r"(?:Refusal\.of|Problem)\(\s*\"(\w+)\"", CODE))
    assert raised <= set(SENTENCES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_named_in_documents_exist(page: Path) -> None:
    for path in re.findall(r"`((?:fahuo|tests|docs|deploy|scripts)/[\w./-]+)`", page.read_text("utf-8")):
        assert (ROOT / path).exists(), path


def test_the_permissions_are_documented() -> None:
    page = (ROOT / "docs" / "permissions.md").read_text("utf-8")
    for permission, name in people.PERMISSIONS.items():
        assert f"`{permission}`" in page
        assert name in page
    for act in people.ACTS:
        assert f"`{act}`" in page


def test_the_states_are_documented() -> None:
    page = (ROOT / "docs" / "states.md").read_text("utf-8")
    for state in (
        *orders.ORDER_STATUSES, *orders.ORDER_KINDS, *orders.REFUND_STATUSES, *parcels.PARCEL_KINDS,
        *parcels.SCAN_KINDS, *batches.BATCH_STATUSES, *batches.VERDICTS, *filter(None, orders.CONFLICTS),
    ):  # fmt: skip
        assert f"`{state}`" in page
    for (before, event), after in batches.TABLE.items():
        assert f"| `{before}` | `{event}` | `{after}` |" in page


def test_the_states_of_tasks_and_complaints_are_documented() -> None:
    page = (ROOT / "docs" / "states.md").read_text("utf-8")
    for state in (
        *tasks.STATES, tasks.URGED, *tasks.EVENTS, *tasks.PLANS, tasks.FORCE_MAJEURE, *urges.OUTCOMES,
        *reminders.STATUSES, *complaints.STATUSES, *complaints.KINDS, *response.MESSAGE_KINDS,
    ):  # fmt: skip
        assert f"| `{state}` |" in page or f"`{state}` " in page
    for act, (party, after) in complaints.TABLE.items():
        assert f"| `{act}` | `{party}` | `open` | `{after}` |" in page
    moves = (ROOT / "docs" / "tasks.md").read_text("utf-8")
    for reason, outcome in urges.OUTCOME_OF.items():
        assert re.search(rf"^\| `{reason}` \| .+ \| `{outcome}`", moves, re.MULTILINE)
    for name, kind in tasks.KINDS.items():
        assert f"| `{name}` | {kind.zh} |" in moves


def test_the_states_of_numbers_labels_jobs_and_pickups_are_documented() -> None:
    page = (ROOT / "docs" / "states.md").read_text("utf-8")
    for state in (
        *stock.STATES, *label_states.STATES, *print_jobs.JOB_STATUSES, *print_jobs.DOCUMENT_STATES, *pickups.STATUSES,
    ):  # fmt: skip
        assert f"| `{state}` |" in page
    for table in (stock.TABLE, label_states.TABLE, print_jobs.JOB_TABLE, pickups.TABLE):
        for (before, event), after in table.items():
            assert f"| `{before}` | `{event}` | `{after}` |" in page
