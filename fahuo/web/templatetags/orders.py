"""Words of orders for templates: carriers, regions, clauses. `{% load orders %}`."""

from django import template

from fahuo.rules.deadlines import CLAUSES
from fahuo.web import order_words
from fahuo.web.order_history import KINDS, moment_word

register = template.Library()


@register.filter
def carrier(code: str) -> str:
    """A carrier's name in the page's language."""
    return order_words.carrier_word(code)


@register.filter
def region(code: str) -> str:
    """A region's full name by its code; the code where it is not known."""
    return order_words.region_word(code) if code else ""


@register.filter
def clause(name: str) -> str:
    """The name of the clause that decided a deadline."""
    words = CLAUSES.get(name)
    return (words[1] if order_words.english() else words[0]) if words else name


@register.filter
def kind_word(kind: str) -> str:
    """A scan's or a parcel's kind in words."""
    return str(KINDS.get(kind, kind))


@register.filter
def moment(text: str) -> str:
    """An instant that came as ISO text, in the shop's time zone."""
    return moment_word(text)
