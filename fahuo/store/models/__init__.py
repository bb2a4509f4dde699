"""The tables, by noun. Constraints and indexes only; behaviour lives in the rules and the services."""

from fahuo.store.models.batches import Batch, BatchRow, ColumnMap, SheetTemplate, Upload
from fahuo.store.models.disputes import (
    Complaint,
    DelayReport,
    Evidence,
    ExemptRegion,
    LedgerEntry,
    Message,
    ReportOrder,
    SavedText,
    Talk,
)
from fahuo.store.models.journal import ClockTick, DemoClock, JournalEntry
from fahuo.store.models.notices import Channel, Delivery
from fahuo.store.models.orders import Backlog, Order, OrderLine, OrderTally, Receiver
from fahuo.store.models.parcels import Parcel, ParcelLine, ParcelOrder, Scan
from fahuo.store.models.people import Buyer, Member, PlatformStaff, SavedView, Shop, User
from fahuo.store.models.rulebooks import RuleAddition
from fahuo.store.models.tasks import Alert, Reminder, Task, TaskEvent, Urge

__all__ = [
    "Alert", "Backlog", "Batch", "BatchRow", "Buyer", "Channel", "ClockTick", "ColumnMap", "Complaint", "DelayReport",
    "Delivery", "DemoClock", "Evidence", "ExemptRegion", "JournalEntry", "LedgerEntry", "Member", "Message", "Order",
    "OrderLine", "OrderTally", "Parcel", "ParcelLine", "ParcelOrder", "PlatformStaff", "Receiver", "Reminder",
    "ReportOrder", "RuleAddition", "SavedText", "SavedView", "Scan", "SheetTemplate", "Shop", "Talk", "Task", "TaskEvent",
    "Upload", "Urge", "User",
]  # fmt: skip
