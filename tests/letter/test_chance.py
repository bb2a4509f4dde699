"""Stories made up by chance are played by `fahuo simulate`, and everything stands as the rules say, read to the letter."""

import os
import re

import pytest

from fahuo.rules.scenarios import parse
from fahuo.services.simulation.play import play_all
from tests.letter.chance import stories

STORIES = int(os.environ.get("FAHUO_CHANCE_STORIES", "24"))
FIRST = int(os.environ.get("FAHUO_CHANCE_FIRST", "1"))
"""More of them, or others, find rarer turns. A story that differs is told whole."""


@pytest.mark.django_db
def test_whatever_happens_comes_as_the_rules_say() -> None:
    told = [text for _, text in stories(FIRST, STORIES)]
    played = play_all((story, story.rulebook) for story in map(parse, told))
    for text, one in zip(told, played, strict=True):
        assert one.differences == (), text
    assert sum(len(one.scenario.events) for one in played) >= 40 * STORIES


def test_the_stories_go_where_the_rules_turn() -> None:
    """What is made up reaches every state, every reason and every end of a complaint, and the most reminders of a day."""
    files = "".join(text for _, text in stories(1, 150))
    for key, wanted in {
        "task": 6, "reason": 10, "urge": 4, "complaint": 6, "order_status": 3, "do": 20, "points": 3,
    }.items():  # fmt: skip
        found = set(re.findall(rf"^{key} = (.+)$", files, re.MULTILINE))
        assert len(found) >= wanted, (key, found)
    assert re.search(r"reminders = .*= 10\b", files)
