"""Waybill numbers bought ahead: lots, numbers with their states, and the ledger of their moves."""

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
    """One bought number. `label_id`: the label that holds it, or the last that held it."""

    lot_id = models.BigIntegerField()
    contract_id = models.BigIntegerField()
    carrier = models.TextField()
    number = models.TextField()
    state = models.TextField(default="free")
    label_id = models.BigIntegerField(null=True)
    changed_at = models.DateTimeField()

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
            models.Index(fields=["shop_id", "lot_id"], name="waybill_numbers_lot"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "carrier", "number"], name="waybill_numbers_once"),
            one_of("state", STATES, "waybill_numbers_state"),
        ]


class StockMove(ShopOwned):
    """How many numbers of a lot moved at once, from which state to which; `amount` is what it cost (CNY), else 0."""

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
    note = models.TextField(default="")

    class Meta:
        db_table = "stock_moves"
        indexes = [
            models.Index(fields=["shop_id", "contract_id", "-id"], name="stock_moves_contract"),
            models.Index(
                fields=["shop_id", "contract_id", "at"], name="stock_moves_taken", condition=models.Q(act="take")
            ),
        ]
        constraints = [one_of("act", ACTS, "stock_moves_act")]
