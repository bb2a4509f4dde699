"""Forgetting: the rows and files of finished batches hold buyers' data, and are kept only as long as they are needed."""

from datetime import datetime, timedelta

from django.db import transaction

from fahuo.store import clock


def forget(*, keep_days: int, now: datetime) -> int:
    """Delete rows and files of batches that finished more than `keep_days` ago, in all shops; how many batches."""
    before = now - timedelta(days=keep_days)
    clock.forget_ticks(now - timedelta(days=1))
    count = 0
    for shop_id in clock.shops():
        for batch_id in clock.old_batches(shop_id, before):
            with transaction.atomic():
                count += clock.forget_batch(shop_id, batch_id)
    return count
