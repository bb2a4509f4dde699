"""A print job is a table of documents: each is sent and acknowledged by itself. Their lives, as tables of moves."""

from datetime import timedelta
from typing import Final, Literal

JobStatus = Literal["waiting", "printing", "held", "done", "cancelled"]
JOB_STATUSES: Final[tuple[JobStatus, ...]] = ("waiting", "printing", "held", "done", "cancelled")
"""waiting 排队, printing 打印中, held 已暂停 (the printer's trouble, or somebody's wish), done 已完成, cancelled 已取消."""

JobEvent = Literal["start", "hold", "resume", "finish", "cancel"]
JOB_TABLE: Final[dict[tuple[JobStatus, JobEvent], JobStatus]] = {
    ("waiting", "start"): "printing",
    ("printing", "start"): "printing",
    ("waiting", "hold"): "held",
    ("printing", "hold"): "held",
    ("held", "resume"): "waiting",
    ("printing", "finish"): "done",
    ("waiting", "cancel"): "cancelled",
    ("printing", "cancel"): "cancelled",
    ("held", "cancel"): "cancelled",
}
"""(status, event) -> status. `start` again: another worker takes over from one that died."""

DocumentState = Literal["waiting", "sent", "printed", "blocked", "cancelled"]
DOCUMENT_STATES: Final[tuple[DocumentState, ...]] = ("waiting", "sent", "printed", "blocked", "cancelled")
"""waiting 未打, sent 已送出 (not acknowledged: whether paper came out is not known), printed 已打印 (acknowledged),
blocked 已拦截 (refund, closed order, changed address), cancelled 已取消."""

PrinterKind = Literal["raw", "ipp", "browser", "cnprint"]
PRINTER_KINDS: Final[tuple[PrinterKind, ...]] = ("raw", "ipp", "browser", "cnprint")
"""raw: TCP 9100. ipp: IPP or CUPS. browser: the page's own print. cnprint: the 菜鸟 print component beside the page."""

LANGUAGES: Final[tuple[str, ...]] = ("zpl", "tspl", "cpcl", "pdf")
DOTS: Final[tuple[int, ...]] = (203, 300)
"""Dots per inch of thermal printers."""

Acknowledge = Literal["status", "sent", "person"]
ACKNOWLEDGE: Final[tuple[Acknowledge, ...]] = ("status", "sent", "person")
"""What counts as printed: the printer says it is idle and without trouble (status), it took all bytes (sent), or
somebody says so (person)."""


def job_moves(event: JobEvent) -> list[JobStatus]:
    """The statuses from which `event` may happen, for `status = ANY(...)`."""
    return [status for (status, name) in JOB_TABLE if name == event]


PASSES: Final[frozenset[str]] = frozenset({
    "printer_unreachable", "printer_host_unknown", "printer_lost", "printer_offline", "printer_paper_out",
    "printer_cover_open", "printer_ribbon_out", "printer_jam", "printer_paused", "printer_label_waits", "printer_hot",
    "printer_cold", "printer_battery_low", "printer_busy", "printer_error",
})  # fmt: skip
"""Troubles of a printer that somebody at its side ends, without a word to us: the job looks again by itself."""

_FIRST, _LONGEST = timedelta(seconds=1), timedelta(seconds=15)


def look_again(code: str, tries: int) -> timedelta | None:
    """How long to wait before looking again after so many tries (from 0) at the same trouble; None: a person resumes it."""
    return min(_FIRST * 2 ** min(tries, 10), _LONGEST) if code in PASSES else None
