"""What the pages do, programs can do: each page's address stands here with its operations, or in docs/api.md with a reason."""

import re
from pathlib import Path
from typing import Final

from fahuo.api import nouns
from fahuo.api.server import routes
from tests.routes import TABLE

assert nouns.LOADED
SHIPS, CARRIERS = "ship_parcel", "list_carrier_accounts get_carrier_account"
OPERATIONS: Final[dict[str, str]] = {
    "start": "count_orders count_tasks count_alerts list_contracts get_pickup_day list_marketplaces",
    "alerts": "list_alerts count_alerts", "alerts-put-away": "put_alerts_away",
    "orders": "list_orders count_orders", "find": "list_orders", "order": "get_order explain_order",
    "orders-ship": "open_batch ship_many", "orders-export": "export_orders", "orders-flag": "set_flags",
    "orders-report": "let_wait", "orders-agree": "let_wait", "orders-called": "note_courier_call",
    "order-memo": "set_memo", "order-flag": "set_flag", "order-reveal": "reveal_receiver", "order-urge": "enter_urges",
    "order-agree": "let_wait", "order-report": "let_wait", "order-settle": "settle_conflict", "order-called": "note_courier_call",
    "order-ship": SHIPS, "parcel-correct": "correct_parcel", "parcel-void": "void_parcel", "parcel-picked-up": "record_scans",
    "orders-labels": "make_labels", "orders-labels-make": "make_labels print_labels", "order-label-enter": "enter_label",
    "order-label-void": "void_labels", "labels": "list_labels", "labels-print": "print_labels reprint_labels",
    "labels-void": "void_labels", "label": "get_label", "print-jobs": "list_print_jobs list_past_print_jobs",
    "print-job": "get_print_job list_print_documents", "print-job-hold": "hold_print_job",
    "print-job-resume": "resume_print_job", "print-job-cancel": "cancel_print_job", "print-job-answer": "answer_print_job",
    "print-job-browser": "take_print_file", "print-job-pdf": "take_print_file",
    "printers": "list_printers", "printer-new": "add_printer", "printer": "get_printer change_printer",
    "printer-test": "test_printer", "printer-look": "look_at_printer", "printer-active": "turn_printer_on turn_printer_off",
    "label-templates": "list_label_templates", "label-template-new": "add_label_template",
    "label-template": "get_label_template change_label_template", "label-template-standard": "set_standard_template",
    "label-template-drop": "drop_label_template",
    "import": "send_sheet import_orders", "batches": "list_batches", "batch_new": "open_batch send_sheet",
    "batch": "get_batch list_batch_rows", "batch_progress": "get_batch", "batch_problems": "export_batch_problems",
    "batch_columns": "map_batch_columns", "batch_commit": "commit_batch", "batch_undo": "undo_batch",
    "batch_hand_over": "hand_over_batch", "batch_close": "close_batch", "batch_reopen": "reopen_batch",
    "batch_addresses": "export_addresses", "batch_carrier": "assign_batch_carrier", "batch_numbers": "fill_batch_sheet",
    "batch_run": "fill_batch_run", "batch_upload_file": "export_upload_file",
    "contracts": "list_contracts get_stock", "contract-new": "make_contract", "contract": "get_contract change_contract",
    "contract-up": "place_contracts", "contract-tariffs-sheet": "send_sheet", "contract-tariffs": "get_tariffs set_tariffs quote_contract",
    "contract-stock": "get_stock list_lots", "contract-buy": "buy_numbers buy_number_run send_sheet",
    "contract-ledger": "list_number_moves", "contract-numbers": "list_numbers", "contract-number": "get_number",
    "contract-void": "void_numbers", "carrier-rules": "list_carrier_rules", "carrier-rule-new": "add_carrier_rule",
    "carrier-rule": "change_carrier_rule", "carrier-rule-drop": "drop_carrier_rule", "carrier-rule-up": "place_carrier_rules",
    "route-marks": "list_route_marks", "route-mark-keep": "keep_route_mark", "route-mark-drop": "drop_route_marks",
    "route-marks-sheet": "send_sheet", "skus": "list_skus", "sku-new": "keep_sku", "sku": "keep_sku", "sku-drop": "drop_skus",
    "skus-named": "add_named_skus", "skus-sheet": "send_sheet", "orders-assign": "choose_contracts",
    "order-assign": "choose_contracts", "order-carrier": "explain_contract",
    "tasks": "list_tasks count_tasks", "tasks-reply": "reply_many", "texts": "list_texts keep_text", "text-drop": "drop_text",
    "task": "get_task", "task-reply": "reply_task", "task-buyer-answer": "note_buyer_answer", "task-settle": "settle_complaint",
    "task-refund": "agree_refund note_refund", "task-evidence": "list_evidence add_evidence", "task-take-up": "take_up_task",
    "shop-rules": "get_rulebook list_rule_additions", "shop-rules-add": "check_rule_addition schedule_rule_addition",
    "shop-rule-withdraw": "withdraw_rule_addition",
    "talks": "list_talks", "talks-count": "list_talks", "talks-automatic": "get_automatic_answer set_automatic_answer",
    "talk": "get_talk", "talk-lines": "get_talk", "talk-say": "send_message", "talk-seen": "see_talk", "talk-rest": "rest_talk",
    "urges": "list_urges enter_urges", "urges-sheet": "send_sheet",
    "complaint-settle": "settle_complaint", "complaint-evidence": "add_evidence",
    "order-after-sales": "list_complaints note_complaint note_complaint_withdrawn", "refund-agree": "agree_refund",
    "refund-refuse": "refuse_refund", "refund-succeed": "note_refund",
    "ledger": "list_complaints sum_complaints", "ledger-sheet": "export_complaints",
    "reports": "list_reports", "report-new": "preview_report file_report", "report": "get_report",
    "report-withdraw": "withdraw_report", "report-evidence": "list_report_evidence add_report_evidence", "report-file": "get_report_file",
    "packing": "list_labels", "packing-ship": "ship_labels", "papers": "print_consignments mark_printed", "pick-list": "get_pick_list",
    "pickups": "get_pickup_day list_pickups", "pickups-left": "list_left_behind", "pickup-call": "call_pickup",
    "pickup-begin": "begin_daily_pickup begin_pickup", "pickup": "get_pickup",
    "pickup-add": "list_on_manifest list_packed_on_manifest", "pickup-remove": "take_off_manifest",
    "pickup-sign": "sign_pickup", "pickup-cancel": "cancel_pickup", "pickup-again": "ask_pickup_again", "pickup-settled": "settle_pickup_call",
    "metrics": "get_metrics get_member_metrics get_hours", "metrics-sheet": "export_metrics",
    "metric": "list_turns list_due list_raised list_paid list_shipped",
    "people": "list_members", "person_new": "invite_member", "person": "grant_member", "person_off": "deactivate_member",
    "person_on": "reactivate_member", "person_password": "reset_member_password",
    "couriers": "list_couriers", "couriers-new": "invite_courier", "couriers-one": "change_courier",
    "couriers-close": "close_courier", "couriers-open": "reopen_courier", "couriers-password": "reset_courier_password",
    "couriers-auto": "set_hands_over", "orders-hand": "hand_orders", "orders-take-back": "take_orders_back",
    "order-hand": "hand_orders", "order-take-back": "take_orders_back", "order-courier-note": "set_courier_note",
    "notices": "list_reminders", "channel-new": "add_channel", "channel": "list_channels change_channel",
    "channel-drop": "drop_channel", "channel-try": "try_channel", "channel-messages": "list_channel_messages",
    "settings": "get_shop set_shop list_sheet_templates list_column_maps", "settings-tasks": "set_tasks_here",
    "template_new": "add_sheet_template", "template": "change_sheet_template", "template_drop": "drop_sheet_template",
    "column_map_forget": "forget_column_map",
    "machines": "list_keys make_key", "key-revoke": "revoke_key", "hook-new": "add_webhook",
    "hook": "get_webhook change_webhook", "hook-deliveries": "list_deliveries", "hook-secret": "turn_webhook_secret",
    "hook-trial": "try_webhook", "hook-on": "turn_webhook_on", "hook-off": "turn_webhook_off",
    "hook-replay": "replay_deliveries", "hook-drop": "drop_webhook",
    "carrier-accounts": CARRIERS, "carrier-account-new": "open_carrier_account", "carrier-bind": "set_number_source",
    "carrier-account": CARRIERS, "carrier-account-edit": "change_carrier_account", "carrier-account-try": "try_carrier_account",
    "carrier-account-drop": "drop_carrier_account", "carrier-account-again": "ask_carrier_again",
    "carrier-account-settle": "settle_number_order",
    "marketplaces": "list_marketplaces", "marketplace-connect": "connect_marketplace", "marketplace": "get_marketplace",
    "marketplace-change": "change_marketplace", "marketplace-drop": "drop_marketplace", "marketplace-hurry": "pull_marketplace",
    "marketplace-again": "tell_marketplace_again read_marketplace_again", "marketplace-settled": "settle_telling",
}  # fmt: skip
"""Address of a page -> the operations by which a program does the same."""
DOCS: Final = Path(__file__).parents[2] / "docs" / "api.md"


def told() -> list[str]:
    """The addresses that the manual says have no operation."""
    text = DOCS.read_text("utf-8").partition("## What has no operation")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert all(len(row.split("|")[2].strip()) > 10 for row in rows)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_every_page_of_a_shop_has_its_operations_or_a_reason_why_not() -> None:
    pages = {name for name, route in TABLE.items() if route.door.startswith("shop:")}
    without = told()
    assert len(without) == len(set(without))
    assert not set(without) & set(OPERATIONS)
    assert pages == set(without) | set(OPERATIONS)
    named = {operation for names in OPERATIONS.values() for operation in names.split()}
    assert named <= set(routes.by_name)
    own = {"get_key", "list_journal", "list_exempt_regions", "list_event_kinds", "list_webhooks"}
    """No page shows just these."""
    assert set(routes.by_name) - named == own
