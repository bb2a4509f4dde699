"""The tables, by noun. Constraints and indexes only; behaviour lives in the rules and the services."""

from fahuo.store.models.accounts import AccountEvent, Invitation, Passkey, RecoveryCode, Session, SignInTries
from fahuo.store.models.batches import Batch, BatchRow, ColumnMap, SheetTemplate, Upload
from fahuo.store.models.carriers import CarrierAccount, CarrierCall, NumberOrder, Tracking
from fahuo.store.models.contracts import Assignment, CarrierRule, Contract, Courier, RouteMark, Sku, Tariff
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
from fahuo.store.models.gateway import GatewayApp, GatewaySession, GatewayUse
from fahuo.store.models.journal import ClockTick, DemoClock, JournalEntry
from fahuo.store.models.labels import Label, LabelOrder, LabelTemplate, PrintDocument, Printer, PrintJob
from fahuo.store.models.machines import ApiKey, ApiKeyMap, ApiLimit, KeptAnswer, Webhook, WebhookDelivery
from fahuo.store.models.marketplaces import Confirmation, Marketplace, MarketplaceOrder
from fahuo.store.models.notices import Channel, Delivery, ShopWarning
from fahuo.store.models.orders import Backlog, Order, OrderLine, OrderTally, Receiver
from fahuo.store.models.parcels import Parcel, ParcelLine, ParcelOrder, Scan
from fahuo.store.models.people import Buyer, Member, PlatformStaff, SavedView, Shop, User
from fahuo.store.models.pickups import Pickup, PickupCall, PickupParcel
from fahuo.store.models.privacy import Disclosure, Erasure, SealPass
from fahuo.store.models.rulebooks import RuleAddition
from fahuo.store.models.stock import StockMove, StockTally, WaybillLot, WaybillNumber
from fahuo.store.models.tasks import Alert, Reminder, Task, TaskEvent, Urge

__all__ = [
    "AccountEvent", "Alert", "ApiKey", "ApiKeyMap", "ApiLimit", "Assignment", "Backlog", "Batch", "BatchRow", "Buyer",
    "CarrierAccount", "CarrierCall", "CarrierRule", "Channel", "ClockTick", "ColumnMap", "Complaint", "Confirmation",
    "Contract", "Courier", "DelayReport", "Delivery", "DemoClock", "Disclosure", "Erasure", "Evidence",
    "ExemptRegion", "GatewayApp", "GatewaySession", "GatewayUse", "Invitation", "JournalEntry", "KeptAnswer", "Label",
    "LabelOrder", "LabelTemplate", "LedgerEntry", "Marketplace", "MarketplaceOrder", "Member", "Message",
    "NumberOrder", "Order", "OrderLine", "OrderTally", "Parcel", "ParcelLine", "ParcelOrder", "Passkey", "Pickup",
    "PickupCall", "PickupParcel", "PlatformStaff", "PrintDocument", "PrintJob", "Printer", "Receiver", "RecoveryCode", "Reminder",
    "ReportOrder", "RouteMark", "RuleAddition", "SavedText", "SavedView", "Scan", "SealPass", "Session",
    "SheetTemplate", "Shop", "ShopWarning", "SignInTries", "Sku", "StockMove", "StockTally", "Talk", "Tariff",
    "Tracking",
    "Task", "TaskEvent", "Upload", "Urge", "User", "WaybillLot", "WaybillNumber", "Webhook", "WebhookDelivery",
]  # fmt: skip
