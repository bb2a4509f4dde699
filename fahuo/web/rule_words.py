"""A rule book in people's words: its versions as lines in time, what an addition changes, what it would have come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from fahuo.rules import rulebooks as rules
from fahuo.rules.policy import RuleBook, Version
from fahuo.rules.problems import Refusal
from fahuo.web.access import PageRequest
from fahuo.web.platform_words import BASES, english
from fahuo.web.uploads import sheets_of

STARTER: Final = """# 只写新的内容，没写的照旧。依据写 stated（平台公告）、norm（公开规则）或 assumption（推测）。
[[version]]
id = "{platform}-{day}"
from = {day}T00:00:00+08:00
basis = "stated"
source = "公告名称，日期"
note = ""
default_hours = {{ value = {hours}, basis = "stated", source = "公告名称，日期" }}

# [version.compensation]
# delay = {{ percent = "5", min = "5.00", max = "30.00", basis = "stated", source = "公告名称，日期" }}
"""
STANDS: Final[dict[str, tuple[str | Promise, str, str]]] = {
    "now": (gettext_lazy("生效中"), "good", "circle-check"),
    "later": (gettext_lazy("已安排"), "plain", "clock"),
    "over": (gettext_lazy("已过去"), "quiet", "history"),
    "withdrawn": (gettext_lazy("已撤回"), "quiet", "undo-2"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One version: what it says, where it stands in time, and who scheduled it (None: it came with the product)."""

    version: Version
    word: tuple[str | Promise, str, str]
    values: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    basis: str
    addition: Any | None

    @property
    def note(self) -> str:
        """What the version says of itself, in the page's language where it can."""
        return self.version.note if english() else self.version.note_zh or self.version.note


def language() -> str:
    return "en" if english() else "zh"


def lines(book: RuleBook, additions: Sequence[Any], *, now: datetime) -> list[Line]:
    """The versions of a book, the newest first; `additions` as the store has them."""
    by_name = {row.name: row for row in additions if row.withdrawn_at is None}
    found = []
    for n, version in enumerate(book.versions):
        stands = (
            "later"
            if version.start and version.start > now
            else "over"
            if version.end and version.end <= now
            else "now"
        )
        before = book.versions[n - 1] if n else None
        found.append(Line(
            version, STANDS[stands], [value_line(value) for value in rules.values(version)],
            change_lines(before, version) if before else [], str(BASES[version.basis]), by_name.get(version.id),
        ))  # fmt: skip
    return found[::-1]


def value_line(value: rules.Value | None) -> dict[str, Any]:
    """A value with its name, basis and source."""
    if value is None:
        return {"text": gettext("没有"), "basis": "", "source": ""}
    return {
        "name": value.name(language()), "text": value.text, "basis": BASES[value.basis], "source": value.source,
        "assumed": value.basis == "assumption",
    }  # fmt: skip


def change_lines(before: Version, after: Version) -> list[dict[str, Any]]:
    """What differs, value by value; `same` where only its source does."""
    return [
        {
            "name": change.name(language()), "before": value_line(change.before), "after": value_line(change.after),
            "same": change.before is not None and change.after is not None and change.before.text == change.after.text,
        }
        for change in rules.changes(before, after)
    ]  # fmt: skip


def others(additions: Sequence[Any], book: RuleBook, *, now: datetime) -> list[dict[str, Any]]:
    """Additions that are no version of the book now: sales, clauses, and what was withdrawn."""
    versions = {version.id for version in book.versions}
    found = []
    for row in additions:
        if row.withdrawn_at is None and row.name in versions:
            continue
        stands = "withdrawn" if row.withdrawn_at else "later" if row.starts_at > now else "now"
        found.append({"row": row, "word": STANDS[stands], "open": stands == "later"})
    return found


def starter(platform: str, version: Version, *, now: datetime) -> str:
    """What the text field holds at first: a version that takes force on the first day of the month after next."""
    first = (now.replace(day=1) + timedelta(days=63)).replace(day=1)
    return STARTER.format(platform=platform, day=f"{first:%Y-%m-%d}", hours=version.default_hours.value)


def typed(request: PageRequest) -> str:
    """The addition that a form brings, as text or as a file. Refusals `policy_malformed` (no UTF-8), `file_too_large`."""
    if request.FILES.get("file"):
        try:
            return sheets_of(request)[0][1].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refusal.of("policy_malformed", detail="UTF-8") from error
    return request.POST.get("text", "").replace("\r\n", "\n")
