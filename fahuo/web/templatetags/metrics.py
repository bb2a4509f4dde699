"""Words of the rows behind a figure. `{% load metrics %}`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext

from fahuo.rules.response import Turn
from fahuo.web.metric_rows import OUTCOMES
from fahuo.web.templatetags.ui import badge, duration

register = template.Library()


@register.filter
def named(words: Mapping[Any, Any], key: object) -> str:
    """The word of a key; a dash where there is none."""
    return str(words.get(key, "—"))


@register.filter
def waited(turn: Turn) -> float:
    """Seconds from the buyer's first message to the answer, uncapped."""
    return (turn.answered_at - turn.started_at).total_seconds() if turn.answered_at else turn.took.total_seconds()


@register.simple_tag
def span(start: datetime, end: datetime) -> str:
    """The time between two instants, in its two largest units."""
    return duration(end - start)


@register.simple_tag
def outcome(pickup: str) -> str:
    """The badge of what became of an order that was due."""
    word, tone, drawing = OUTCOMES[pickup]
    return badge(word, tone, drawing)


@register.simple_tag
def answer_state(row: Any) -> str:
    """The badge of a task: handled within 24 hours, later, not, or still to be."""
    if row.in_time:
        return badge(gettext("24 小时内"), "good", "circle-check")
    if row.waits:
        return badge(gettext("等待处理"), "plain", "hourglass")
    return badge(gettext("超过 24 小时"), "bad", "alarm-clock-off")
