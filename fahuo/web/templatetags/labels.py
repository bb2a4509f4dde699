"""Words of labels for templates. `{% load labels %}`."""

from typing import Any, Final

from django import template
from django.utils.translation import gettext_lazy

from fahuo.web.label_words import LABELS
from fahuo.web.templatetags.ui import badge

register = template.Library()

VOIDED_BY_ITSELF: Final[dict[str, Any]] = {
    "parcel_corrected": gettext_lazy("包裹改了单号"),
    "长期没有轨迹，单号按合同回收": gettext_lazy("长期没有轨迹，单号按合同回收"),
}
"""Why a label was voided by no person -> what people read."""


@register.simple_tag
def label_status(state: str) -> str:
    """The badge of a label's state."""
    return badge(*LABELS[state])


@register.filter
def void_word(reason: str) -> str:
    """Why a label was voided."""
    return str(VOIDED_BY_ITSELF.get(reason, reason))
