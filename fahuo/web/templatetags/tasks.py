"""Words of tasks for templates."""

from django import template
from django.utils.translation import gettext, gettext_lazy

from fahuo.web import task_words
from fahuo.web.templatetags.ui import STATUSES

register = template.Library()
PARTIES = {"seller": gettext_lazy("卖家"), "buyer": gettext_lazy("买家"), "platform": gettext_lazy("平台")}


@register.filter
def plan_word(plan: str, kind: str) -> str:
    """A plan of a kind of task in the page's language."""
    return task_words.plan_word(kind, plan)


@register.filter
def task_state(state: str) -> str:
    """A task's state in words."""
    return str((STATUSES.get(f"task_{state}") or STATUSES.get(state) or (gettext("未知"), "", ""))[0])


@register.filter
def party(name: str) -> str:
    """Who put something on record."""
    return str(PARTIES.get(name, name))
