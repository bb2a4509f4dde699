"""Small words of contracts and their stock in templates."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from fahuo.web.contract_words import STATES, grams
from fahuo.web.templatetags.ui import figure

register = template.Library()


@register.simple_tag
def word_of(words: Mapping[str, Any], key: str) -> str:
    """What people read for a key."""
    return str(words.get(key, key))


@register.simple_tag
def state_word(state: str) -> str:
    """What people read for a number's state."""
    return str(STATES[state][0])


@register.simple_tag
def count_of(counts: Mapping[str, int], state: str) -> int:
    """How many are in a state."""
    return counts.get(state, 0)


@register.simple_tag
def lot_name(lot: Any) -> SafeString | str:
    """A lot by its first and last number; a list by that it is one."""
    if lot.kind == "run":
        return format_html('<span class="mono">{}</span> – <span class="mono">{}</span>', lot.first, lot.last)
    return gettext("号单（{n} 个）").format(n=figure(lot.count)) if hasattr(lot, "price") else gettext("号单")


@register.simple_tag
def label_orders(label: Any) -> list[tuple[int, str]]:
    """The orders on a label: (id, number)."""
    return list(zip(label.order_ids, label.numbers, strict=True))


@register.simple_tag
def weight(number: int | None) -> str:
    """A weight in grams as people read it; a dash for one that nobody knows."""
    return grams(number)
