"""The words of labels, print jobs and printers, and the ways between their pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from fahuo.rules.labels import SIZES
from fahuo.rules.problems import Problem
from fahuo.web.access import ShopRequest

Word = tuple[str | Promise, str, str]
"""What people read, its tone, its icon."""

LABELS: Final[Mapping[str, Word]] = {
    "made": (gettext_lazy("已取号"), "plain", "tag"),
    "printed": (gettext_lazy("已打印"), "good", "printer-check"),
    "shipped": (gettext_lazy("已发货"), "good", "truck"),
    "voided": (gettext_lazy("已作废"), "quiet", "circle-x"),
}
AWAITED: Final[Mapping[str, Word]] = {
    "waiting": (gettext_lazy("等着去取"), "plain", "hourglass"),
    "unknown": (gettext_lazy("结果未知，会再问"), "warn", "circle-question-mark"),
    "refused": (gettext_lazy("被拒绝"), "bad", "ban"),
}
"""State of a number that is ordered from a carrier's service."""
JOBS: Final[Mapping[str, Word]] = {
    "waiting": (gettext_lazy("排队"), "plain", "hourglass"),
    "printing": (gettext_lazy("打印中"), "plain", "printer"),
    "held": (gettext_lazy("已暂停"), "bad", "circle-pause"),
    "done": (gettext_lazy("已打完"), "good", "circle-check"),
    "cancelled": (gettext_lazy("已取消"), "quiet", "circle-x"),
}
DOCUMENTS: Final[Mapping[str, Word]] = {
    "waiting": (gettext_lazy("未打"), "plain", "hourglass"),
    "sent": (gettext_lazy("等确认"), "warn", "circle-question-mark"),
    "printed": (gettext_lazy("已打印"), "good", "check"),
    "blocked": (gettext_lazy("已拦截"), "bad", "ban"),
    "cancelled": (gettext_lazy("已取消"), "quiet", "x"),
}
KINDS: Final[Mapping[str, tuple[Any, Any]]] = {
    "raw": (gettext_lazy("网络直连"), gettext_lazy("打印机自己有 IP，端口 9100：标签机最常见")),
    "ipp": (gettext_lazy("IPP / CUPS"), gettext_lazy("网络打印服务，或装在别的电脑上的 CUPS 队列")),
    "cnprint": (gettext_lazy("菜鸟打印组件"), gettext_lazy("打印机插在自己电脑上，由菜鸟组件打印；要开着打印页")),
    "browser": (gettext_lazy("浏览器打印"), gettext_lazy("什么都不用装：打开打印窗口，打完自己确认")),
}
LANGUAGES: Final[Mapping[str, Any]] = {
    "zpl": gettext_lazy("ZPL：斑马"),
    "tspl": gettext_lazy("TSPL：TSC、佳博、汉印等"),
    "cpcl": gettext_lazy("CPCL：便携打印机"),
    "pdf": "PDF",
}
ACKNOWLEDGES: Final[Mapping[str, tuple[Any, Any]]] = {
    "status": (gettext_lazy("打印机说打完了"), gettext_lazy("每张打完问一次状态：缺纸、开盖当场停下。推荐")),
    "sent": (gettext_lazy("打印机收下就算"), gettext_lazy("打印机不会回话时用；缺纸也不知道")),
    "person": (gettext_lazy("由人确认"), gettext_lazy("打完后看一眼，在页面上点确认")),
}
REASONS: Final = (
    gettext_lazy("打印不清"), gettext_lazy("卡纸"), gettext_lazy("面单破损"), gettext_lazy("面单丢失"), gettext_lazy("贴错包裹"),
    gettext_lazy("换包装"),
)  # fmt: skip
"""Offered as a reason to print or void a label again; any other may be typed."""
SIZE_WORDS: Final = {size: size.replace("x", "×") + " mm" for size in SIZES}


@dataclass(frozen=True, slots=True)
class Way:
    """A way to a sibling page, in the page's head."""

    name: str
    icon: str
    url: str


def ways(request: ShopRequest, here: str) -> list[Way]:
    """The other pages about printing that this account may open."""
    may, code = request.actor.may, request.shop.code
    known = (
        ("print-jobs", gettext("打印任务"), "list-ordered", "view_labels"), ("labels", gettext("面单"), "tag", "view_labels"),
        ("printers", gettext("打印机"), "printer", "manage_printers"),
        ("label-templates", gettext("面单模板"), "layout-template", "manage_printers"),
    )  # fmt: skip
    return [
        Way(name, icon, reverse(view, kwargs={"shop": code}))
        for view, name, icon, act in known
        if view != here and may(act)
    ]  # fmt: skip


def problem_of(kept: Any) -> Problem | None:
    """A problem as it is kept on a job, a document or a printer."""
    return Problem(kept["code"], kept.get("data", {})) if kept else None


NEXT_STEPS: Final[Mapping[str, Any]] = {
    "printer_paper_out": gettext_lazy("装好纸、合上盖子；打印机好了会自己接着打。"),
    "printer_cover_open": gettext_lazy("合上盖子；打印机好了会自己接着打。"),
    "printer_unreachable": gettext_lazy("看看打印机开着没有、网线插好没有；连上以后会自己接着打。"),
    "printer_ribbon_out": gettext_lazy("换好碳带；打印机好了会自己接着打。"),
    "printer_jam": gettext_lazy("取出卡住的纸；打印机好了会自己接着打。"),
    "printer_lost": gettext_lazy("看看打印机开着没有、网线插好没有；连上以后会自己接着打。"),
    "printer_offline": gettext_lazy("看看打印机开着没有、网线插好没有；连上以后会自己接着打。"),
    "printer_label_waits": gettext_lazy("取走打好的那张；会自己接着打。"),
    "printer_busy": gettext_lazy("去打印机旁看一看；好了会自己接着打。"),
    "printer_error": gettext_lazy("去打印机旁看一看；好了会自己接着打。"),
    "printer_battery_low": gettext_lazy("给打印机充电；好了会自己接着打。"),
}


def next_step(kept: Any) -> str:
    """What to do about the trouble that holds a job; "" where the sentence itself says it."""
    return str(NEXT_STEPS.get(kept["code"], "")) if kept else ""
