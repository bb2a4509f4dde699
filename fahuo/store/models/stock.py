"""Waybill numbers bought ahead: lots, numbers with their states, and the ledger of their moves."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fahuo.rules.stock import ACTS, IN_STOCK, LOT_KINDS, STATES
from fahuo.store.models.base import ShopOwned, money, one_of


class WaybillLot(ShopOwned):
    """Numbers bought at once, at one price (CNY a number)."""

    contract_id = models.BigIntegerField()
    carrier = models.TextField()
    kind = models.TextField()
    first = models.TextField(default="")
    last = models.TextField(default="")
    count = models.IntegerField()
    price = money(default=0)
    bought_on = models.DateField()
    note = models.TextField(default="")
    member_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "waybill_lots"
        indexes = [models.Index(fields=["shop_id", "contract_id", "-id"], name="waybill_lots_contract")]
        constraints = [one_of("kind", LOT_KINDS, "waybill_lots_kind")]


class WaybillNumber(ShopOwned):
    """One bought number. `label_id`: the label that holds it, or the last that held it. `scanned_at`: when a carrier first
    saw it, whatever its state; it never comes back into stock then."""

    lot_id = models.BigIntegerField()
    contract_id = models.BigIntegerField()
    carrier = models.TextField()
    number = models.TextField()
    state = models.TextField(default="free")
    label_id = models.BigIntegerField(null=True)
    changed_at = models.DateTimeField()
    scanned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "waybill_numbers"
        indexes = [
            models.Index(
                fields=["shop_id", "contract_id", "state", "id"], name="waybill_numbers_stock",
                condition=models.Q(state__in=IN_STOCK),
            ),
            models.Index(
                fields=["shop_id", "contract_id", "changed_at", "id"], name="waybill_numbers_back",
                condition=models.Q(state__in=("taken", "printed", "voided")),
            ),
            models.Index(fields=["shop_id", "lot_id", "state", "id"], name="waybill_numbers_lot"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "carrier", "number"], name="waybill_numbers_once"),
            one_of("state", STATES, "waybill_numbers_state"),
        ]


class StockMove(ShopOwned):
    """How many numbers of a lot moved at once, from which state to which, and which ones; an entry is never changed.

    `number_ids` is empty where the whole lot was bought. `amount` (CNY): what was paid for it, or what is lost with voided
    numbers and, below 0, comes back with them.
    """

    at = models.DateTimeField()
    member_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    act = models.TextField()
    contract_id = models.BigIntegerField()
    lot_id = models.BigIntegerField()
    from_state = models.TextField(default="")
    to_state = models.TextField()
    count = models.IntegerField()
    amount = money(default=0)
    number_ids = ArrayField(models.BigIntegerField(), default=list)
    note = models.TextField(default="")

    class Meta:
        db_table = "stock_moves"
        indexes = [
            models.Index(fields=["shop_id", "contract_id", "-id"], name="stock_moves_contract"),
            models.Index(
                fields=["shop_id", "contract_id", "at"], include=["act", "from_state", "count"], name="stock_moves_pace",
                condition=models.Q(act__in=("take", "release", "ship")),
            ),
        ]  # fmt: skip
        constraints = [one_of("act", ACTS, "stock_moves_act")]


class StockTally(ShopOwned):
    """What each move adds to a state of a lot, or takes from it. The sums are the stock; the clock folds the rows."""

    contract_id = models.BigIntegerField()
    lot_id = models.BigIntegerField()
    state = models.TextField()
    delta = models.IntegerField()

    class Meta:
        db_table = "stock_tally"
        indexes = [models.Index(fields=["shop_id", "contract_id", "lot_id"], name="stock_tally_contract")]
        constraints = [one_of("state", STATES, "stock_tally_state")]
