"""What an order of the packing plan risks, in a badge."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy

from fahuo.web.templatetags.ui import badge

register = template.Library()
RISKS = {
    "task": (gettext_lazy("任务交给平台"), "siren"),
    "deadline": (gettext_lazy("变成延迟发货"), "alarm-clock"),
    "out_of_stock": (gettext_lazy("变成缺货"), "package-x"),
    "none": (gettext_lazy("早已超时"), "alarm-clock-off"),
}


@register.simple_tag
def risk(line: Any) -> str:
    """What happens next if the order of this line does not leave; red where the plan is too late for it."""
    word, icon = RISKS[line.job.why]
    tone = "quiet" if line.job.by is None else "warn" if line.in_time else "bad"
    return badge(word, tone, icon)
