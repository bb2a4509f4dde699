"""Migrations of the time before the first release that break a rule of tests/upgrades/safety.py, and why nobody was hurt.

They are history: whoever has such a database has applied them. What follows them is held to the rules; a new entry here
needs a reason that a stranger believes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Exempt:
    """Why, and from which findings."""

    why: str
    faults: Sequence[str]


KNOWN: Final[Mapping[str, Exempt]] = {
    "0002_pre_foreign_keys": Exempt(
        "the first tables got their keys before anything wrote them",
        [
            "foreign key backlog_order_id_fk of backlog holds columns that were free",
            "foreign key backlog_order_id_fk reads all of backlog: add it NOT VALID",
            "foreign key batch_rows_batch_id_fk of batch_rows holds columns that were free",
            "foreign key batch_rows_batch_id_fk reads all of batch_rows: add it NOT VALID",
            "foreign key batches_shop_fk of batches holds columns that were free",
            "foreign key batches_shop_fk reads all of batches: add it NOT VALID",
            "foreign key members_shop_fk of members holds columns that were free",
            "foreign key order_lines_order_id_fk of order_lines holds columns that were free",
            "foreign key order_lines_order_id_fk reads all of order_lines: add it NOT VALID",
            "foreign key parcel_lines_line_id_fk of parcel_lines holds columns that were free",
            "foreign key parcel_lines_line_id_fk reads all of parcel_lines: add it NOT VALID",
            "foreign key parcel_lines_parcel_id_fk of parcel_lines holds columns that were free",
            "foreign key parcel_lines_parcel_id_fk reads all of parcel_lines: add it NOT VALID",
            "foreign key parcel_orders_order_id_fk of parcel_orders holds columns that were free",
            "foreign key parcel_orders_order_id_fk reads all of parcel_orders: add it NOT VALID",
            "foreign key parcel_orders_parcel_id_fk of parcel_orders holds columns that were free",
            "foreign key parcel_orders_parcel_id_fk reads all of parcel_orders: add it NOT VALID",
            "foreign key receivers_order_id_fk of receivers holds columns that were free",
            "foreign key receivers_order_id_fk reads all of receivers: add it NOT VALID",
            "foreign key saved_views_member_id_fk of saved_views holds columns that were free",
            "foreign key scans_parcel_id_fk of scans holds columns that were free",
            "foreign key scans_parcel_id_fk reads all of scans: add it NOT VALID",
        ],
    ),
    "0003_pre_used_numbers": Exempt(
        "the tables of the first release were days old and small",
        [
            "index order_lines_refunding locks order_lines: build it CONCURRENTLY",
            "index parcels_used_number locks parcels: build it CONCURRENTLY",
        ],
    ),
    "0005_pre_tasks": Exempt(
        "built while no installation had parcels to speak of",
        [
            "index parcels_silent locks parcels: build it CONCURRENTLY",
        ],
    ),
    "0006_pre_task_keys": Exempt(
        "keys of tables that came one migration before, in the same change",
        [
            "foreign key complaints_task_id_fk of complaints holds columns that were free",
            "foreign key complaints_task_id_fk reads all of complaints: add it NOT VALID",
            "foreign key ledger_complaint_id_fk of ledger holds columns that were free",
            "foreign key ledger_complaint_id_fk reads all of ledger: add it NOT VALID",
            "foreign key messages_order_id_fk of messages holds columns that were free",
            "foreign key messages_order_id_fk reads all of messages: add it NOT VALID",
            "foreign key reminders_member_id_fk of reminders holds columns that were free",
            "foreign key reminders_member_id_fk reads all of reminders: add it NOT VALID",
            "foreign key reminders_task_id_fk of reminders holds columns that were free",
            "foreign key reminders_task_id_fk reads all of reminders: add it NOT VALID",
            "foreign key report_orders_order_id_fk of report_orders holds columns that were free",
            "foreign key report_orders_order_id_fk reads all of report_orders: add it NOT VALID",
            "foreign key report_orders_report_id_fk of report_orders holds columns that were free",
            "foreign key report_orders_report_id_fk reads all of report_orders: add it NOT VALID",
            "foreign key task_events_task_id_fk of task_events holds columns that were free",
            "foreign key task_events_task_id_fk reads all of task_events: add it NOT VALID",
            "foreign key tasks_order_id_fk of tasks holds columns that were free",
            "foreign key tasks_order_id_fk reads all of tasks: add it NOT VALID",
        ],
    ),
    "0008_pre_platform_desk": Exempt(
        "indexes over tables that came with the same development, before a release",
        [
            "index complaints_days locks complaints: build it CONCURRENTLY",
            "index complaints_desk locks complaints: build it CONCURRENTLY",
            "index complaints_over locks complaints: build it CONCURRENTLY",
            "index journal_urges locks journal: build it CONCURRENTLY",
            "index task_events_days locks task_events: build it CONCURRENTLY",
            "index tasks_desk locks tasks: build it CONCURRENTLY",
        ],
    ),
    "0009_pre_notices": Exempt(
        "reminders were written by nobody yet",
        [
            "index reminders_release locks reminders: build it CONCURRENTLY",
            "index reminders_unseen locks reminders: build it CONCURRENTLY",
        ],
    ),
    "0011_pre_metrics": Exempt(
        "built before a release; over millions of orders it would have been CONCURRENTLY",
        [
            "index orders_due locks orders: build it CONCURRENTLY",
            "index orders_paid locks orders: build it CONCURRENTLY",
            "index tasks_raised locks tasks: build it CONCURRENTLY",
        ],
    ),
    "0012_pre_conversations": Exempt(
        "a longer list of kinds; batches are few",
        [
            "check batches_kind reads all of batches: add it NOT VALID",
        ],
    ),
    "0017_pre_stock": Exempt(
        "nobody wrote stock moves before this: the code that does came with it",
        [
            "check batches_kind reads all of batches: add it NOT VALID",
            "column stock_moves.number_ids is new and must be filled",
            "index stock_moves_pace locks stock_moves: build it CONCURRENTLY",
            "index stock_moves_taken of stock_moves is gone",
        ],
    ),
    "0020_pre_gateway": Exempt(
        "built before a release; over a long journal it would have been CONCURRENTLY",
        [
            "index journal_days locks journal: build it CONCURRENTLY",
        ],
    ),
    "0022_pre_manifests": Exempt(
        "pickups, and what is in them, were written by nobody before this",
        [
            "index labels_packed locks labels: build it CONCURRENTLY",
            "index labels_voided_number locks labels: build it CONCURRENTLY",
            "index parcels_handed_over locks parcels: build it CONCURRENTLY",
            "index pickup_parcels_listed locks pickup_parcels: build it CONCURRENTLY",
            "index pickup_parcels_once of pickup_parcels is gone",
            "index pickups_living locks pickups: build it CONCURRENTLY",
            "unique index pickup_parcels_listed of pickup_parcels refuses what was allowed",
        ],
    ),
    "0023_pre_templates": Exempt(
        "the column that tells the standard template came with it; the old code's templates are not standard",
        [
            "unique index label_templates_standard of label_templates refuses what was allowed",
        ],
    ),
    "0025_pre_stock_pages": Exempt(
        "another shape of the same two indexes, before a release",
        [
            "index stock_moves_pace locks stock_moves: build it CONCURRENTLY",
            "index stock_moves_pace of stock_moves is gone",
            "index waybill_numbers_lot locks waybill_numbers: build it CONCURRENTLY",
            "index waybill_numbers_lot of waybill_numbers is gone",
        ],
    ),
    "0027_pre_tariff_sheets": Exempt(
        "a longer list of kinds; batches are few",
        [
            "check batches_kind reads all of batches: add it NOT VALID",
        ],
    ),
    "0028_pre_shop_warnings": Exempt(
        "a reminder is of a task, as the old code has it, or of a warning, which is new: its rows pass",
        [
            "check reminders_of_one of reminders refuses what was allowed",
            "check reminders_of_one reads all of reminders: add it NOT VALID",
            "foreign key deliveries_warning_id_fk reads all of deliveries: add it NOT VALID",
            "foreign key reminders_warning_id_fk reads all of reminders: add it NOT VALID",
            "index deliveries_warn_once locks deliveries: build it CONCURRENTLY",
            "index reminders_warn_once locks reminders: build it CONCURRENTLY",
        ],
    ),
    "0029_pre_privacy": Exempt(
        "built before a release; over millions of receivers it would have been CONCURRENTLY",
        [
            "index orders_to_erase locks orders: build it CONCURRENTLY",
            "index receivers_by_ending locks receivers: build it CONCURRENTLY",
            "index receivers_by_name locks receivers: build it CONCURRENTLY",
            "index receivers_by_phone locks receivers: build it CONCURRENTLY",
        ],
    ),
    "0032_pre_pickup_calls": Exempt(
        "a longer list of acts; calls of carriers' services are forgotten after 90 days",
        [
            "check carrier_calls_act reads all of carrier_calls: add it NOT VALID",
        ],
    ),
    "0033_pre_many_receivers": Exempt(
        "a longer list of kinds; warnings are few, and days of disclosures one row a member",
        [
            "check shop_warnings_kind reads all of shop_warnings: add it NOT VALID",
            "index disclosures_days locks disclosures: build it CONCURRENTLY",
        ],
    ),
}
