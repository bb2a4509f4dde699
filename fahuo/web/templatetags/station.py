"""What the bench says: the sentence of a step with its colour and drawing, and how far goods are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from fahuo.rules.station import Check, Goods
from fahuo.services.station_steps import Outcome
from fahuo.web.templatetags.ui import badge, sentence

register = template.Library()

WORDS: Final[Mapping[str, str | Promise]] = {
    "opened": gettext_lazy("可以打包"), "counted": gettext_lazy("对了"), "full": gettext_lazy("齐了，按 Enter 完成"),
    "weighed": gettext_lazy("重量记下了"),
    "packed_again": gettext_lazy("{waybill} 刚才已经打好了"), "undone": gettext_lazy("{waybill} 的打包已撤销"),
    "uncounted": gettext_lazy("退回一步"), "skipped": gettext_lazy("先放下了，扫下一张"),
}  # fmt: skip
SHIPS: Final = {
    "shipped": gettext_lazy("{waybill} 打好了，已发货"), "waits": gettext_lazy("{waybill} 打好了，等揽收时发货"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the bench says now. Tones: good, warn, bad, idle."""

    text: str
    tone: str
    icon: str


@register.simple_tag
def verdict(outcome: Outcome) -> Verdict:
    """The sentence of a step; its problems follow it."""
    word: str | Promise = WORDS.get(outcome.word, "")
    if outcome.word == "packed" and outcome.packed:
        word = SHIPS["shipped" if outcome.packed.parcel_id else "waits"]
    text = str(word).format(waybill=outcome.packed.waybill if outcome.packed else "")
    if outcome.sound == "bad":
        return Verdict("", "bad", "octagon-alert")
    if outcome.problems:
        # Something was done, and something else wants a look.
        return Verdict("" if outcome.bench and outcome.bench.blocks else text, "warn", "triangle-alert")
    if outcome.sound == "look":
        said = text if outcome.word != "opened" else gettext("看一眼留言和备注")
        return Verdict(_noted(outcome) or said, "warn", "eye")
    if not text:
        return Verdict(gettext("等着扫码") if outcome.bench is None else gettext("接着扫"), "idle", "scan-barcode")
    return Verdict(text, "good", "circle-check" if outcome.word in ("packed", "packed_again", "full") else "check")


def _noted(outcome: Outcome) -> str:
    """The label's own note, where that is why it wants a look."""
    if outcome.word != "opened" or outcome.bench is None or not outcome.bench.notes:
        return ""
    return sentence(outcome.bench.notes[0])


@register.simple_tag
def counted(each: Goods, check: Check) -> int:
    """How many of these goods are counted."""
    return check.counts.get(each.key, 0)


@register.simple_tag
def bench_state(label: Any) -> str:
    """Where a label stands, as a badge."""
    state = getattr(label, "label_state", None) or label.state
    if label.handed_over_at is not None:
        return badge(gettext("已交接"), "good", "truck")
    if state == "shipped":
        return badge(gettext("已发货"), "good", "truck")
    if state == "voided":
        return badge(gettext("已作废"), "bad", "ban")
    return badge(gettext("等揽收"), "plain", "package") if label.packed_at is not None else ""
