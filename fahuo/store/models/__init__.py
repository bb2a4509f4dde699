"""The tables, by noun. Constraints and indexes only; behaviour lives in the rules and the services."""

from fahuo.store.models.batches import Batch, BatchRow, ColumnMap, SheetTemplate, Upload
from fahuo.store.models.journal import ClockTick, JournalEntry
from fahuo.store.models.orders import Backlog, Order, OrderLine, OrderTally, Receiver
from fahuo.store.models.parcels import Parcel, ParcelLine, ParcelOrder, Scan
from fahuo.store.models.people import Member, SavedView, Shop, User

__all__ = [
    "Backlog", "Batch", "BatchRow", "ClockTick", "ColumnMap", "JournalEntry", "Member", "Order", "OrderLine",
    "OrderTally", "Parcel", "ParcelLine", "ParcelOrder", "Receiver", "SavedView", "Scan", "SheetTemplate", "Shop",
    "Upload", "User",
]  # fmt: skip
