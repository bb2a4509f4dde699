"""Boards: what the pages read. Lists, counts and single orders; nothing here writes.

Every list walks one index from a cursor and stops at its page; nothing counts a big table. See `walks.py` for how.
"""

from fahuo.rules.filters import TABS, OrderFilter, Parsed, parse
from fahuo.store.boards.batches import BatchDetail, batch_detail, batch_rows, batches_page
from fahuo.store.boards.buyer import (
    BuyerOrder,
    buyer_complaints,
    buyer_orders,
    buyer_parcels,
    buyer_receiver,
    conversation,
)
from fahuo.store.boards.cards import OrderRow, ParcelMark, cards
from fahuo.store.boards.detail import OrderDetail, order_detail
from fahuo.store.boards.find import find_orders, neighbours
from fahuo.store.boards.orders import count_matching, matching_ids, orders_page, tab_counts
from fahuo.store.boards.pages import Count, Page
from fahuo.store.boards.papers import Paper, packing_slips, papers, pick_list
from fahuo.store.boards.start import StartBoard, last_tick, start_board
from fahuo.store.boards.tasks import (
    TASK_TABS,
    TaskFilter,
    TaskRow,
    TaskStakes,
    task_counts,
    task_row,
    task_rows,
    task_stakes,
    tasks_page,
)
from fahuo.store.boards.views import preferences, saved_views

__all__ = [
    "BuyerOrder", "buyer_complaints", "buyer_orders", "buyer_parcels", "buyer_receiver", "conversation",
    "TABS", "TASK_TABS", "TaskFilter", "TaskRow", "TaskStakes", "task_counts", "task_row", "task_rows", "task_stakes",
    "tasks_page", "BatchDetail", "Count", "OrderDetail", "OrderFilter", "OrderRow", "Page", "Paper", "ParcelMark", "Parsed",
    "StartBoard", "batch_detail", "batch_rows", "batches_page", "cards", "count_matching", "find_orders", "last_tick",
    "matching_ids", "neighbours", "order_detail", "orders_page", "packing_slips", "papers", "pick_list", "parse", "preferences", "saved_views", "start_board",
    "tab_counts",
]  # fmt: skip
