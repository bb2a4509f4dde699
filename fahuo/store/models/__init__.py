"""The tables, by noun. Constraints and indexes only; behaviour lives in the rules and the services."""

from fahuo.store.models.batches import Batch, BatchRow, ColumnMap, SheetTemplate, Upload
from fahuo.store.models.disputes import Complaint, DelayReport, ExemptRegion, LedgerEntry, Message, ReportOrder
from fahuo.store.models.journal import ClockTick, JournalEntry
from fahuo.store.models.orders import Backlog, Order, OrderLine, OrderTally, Receiver
from fahuo.store.models.parcels import Parcel, ParcelLine, ParcelOrder, Scan
from fahuo.store.models.people import Member, SavedView, Shop, User
from fahuo.store.models.tasks import Alert, Reminder, Task, TaskEvent

__all__ = [
    "Alert", "Backlog", "Batch", "BatchRow", "ClockTick", "ColumnMap", "Complaint", "DelayReport", "ExemptRegion",
    "JournalEntry", "LedgerEntry", "Member", "Message", "Order", "OrderLine", "OrderTally", "Parcel", "ParcelLine",
    "ParcelOrder", "Receiver", "Reminder", "ReportOrder", "SavedView", "Scan", "SheetTemplate", "Shop", "Task",
    "TaskEvent", "Upload", "User",
]  # fmt: skip
