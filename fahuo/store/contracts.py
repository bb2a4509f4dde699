"""Contracts with carriers' branches, their tariffs, and the shop's carrier rules: single rows, and all of a shop's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.utils import IntegrityError

from fahuo.store import sql
from fahuo.store.models import CarrierRule, Contract, Tariff


def find(shop_id: int, contract_id: int, *, lock: bool = False) -> Contract | None:
    """The contract as it stands; locked until the transaction ends where asked."""
    rows = Contract.objects.select_for_update() if lock else Contract.objects
    return rows.filter(shop_id=shop_id, id=contract_id).first()


def of_shop(shop_id: int, *, active: bool | None = None) -> list[Contract]:
    """The shop's contracts: those at work first, in the shop's order."""
    found = Contract.objects.filter(shop_id=shop_id).order_by("-active", "position", "id")
    return list(found if active is None else found.filter(active=active))


def keep(shop_id: int, contract_id: int | None, values: Mapping[str, Any], *, now: datetime) -> int | None:
    """Add a contract, or change one; its id, or None when another has its name."""
    try:
        with transaction.atomic():
            if contract_id is None:
                last = Contract.objects.filter(shop_id=shop_id).count()
                return int(Contract.objects.create(shop_id=shop_id, position=last, created_at=now, **values).id)
            Contract.objects.filter(shop_id=shop_id, id=contract_id).update(**values)
            return contract_id
    except IntegrityError:
        return None


USED = """
SELECT EXISTS (SELECT FROM waybill_lots x WHERE x.shop_id = %(shop_id)s AND x.contract_id = %(contract_id)s) AS stocked,
       EXISTS (SELECT FROM labels y WHERE y.shop_id = %(shop_id)s AND y.contract_id = %(contract_id)s) AS labelled
"""


def used(shop_id: int, contract_id: int) -> Any:
    """Whether numbers were ever bought for a contract (`stocked`), and whether it ever had a label (`labelled`)."""
    return sql.fetch(USED, shop_id=shop_id, contract_id=contract_id)[0]


PLACE = """
UPDATE contracts c SET position = a.place FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS a (id, place)
WHERE c.shop_id = %(shop_id)s AND c.id = a.id
"""
PLACE_RULES = """
UPDATE carrier_rules r SET position = a.place FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS a (id, place)
WHERE r.shop_id = %(shop_id)s AND r.id = a.id
"""


def place(shop_id: int, contract_ids: Sequence[int]) -> int:
    """Put contracts in this order; how many there were."""
    return sql.run(PLACE, shop_id=shop_id, ids=list(contract_ids))


# ---- tariffs ----------------------------------------------------------------------------------------------------


def tariffs(shop_id: int, contract_ids: Sequence[int]) -> list[Tariff]:
    """The price rows of contracts, by contract and region; "" (everywhere else) first."""
    return list(
        Tariff.objects.filter(shop_id=shop_id, contract_id__in=list(contract_ids)).order_by("contract_id", "region")
    )  # fmt: skip


def set_tariffs(shop_id: int, contract_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put these price rows in the place of a contract's."""
    Tariff.objects.filter(shop_id=shop_id, contract_id=contract_id).delete()
    Tariff.objects.bulk_create([Tariff(shop_id=shop_id, contract_id=contract_id, **row) for row in rows])


# ---- carrier rules ----------------------------------------------------------------------------------------------


def rules(shop_id: int, *, active: bool | None = None) -> list[CarrierRule]:
    """The shop's carrier rules in their order."""
    found = CarrierRule.objects.filter(shop_id=shop_id).order_by("position", "id")
    return list(found if active is None else found.filter(active=active))


def rule(shop_id: int, rule_id: int) -> CarrierRule | None:
    """One carrier rule."""
    return CarrierRule.objects.filter(shop_id=shop_id, id=rule_id).first()


def keep_rule(shop_id: int, rule_id: int | None, values: Mapping[str, Any]) -> int:
    """Add a rule at the end of the list, or change one; its id."""
    if rule_id is not None:
        CarrierRule.objects.filter(shop_id=shop_id, id=rule_id).update(**values)
        return rule_id
    last = CarrierRule.objects.filter(shop_id=shop_id).order_by("-position").values_list("position", flat=True).first()
    return int(CarrierRule.objects.create(shop_id=shop_id, position=(last or 0) + 1, **values).id)


def drop_rule(shop_id: int, rule_id: int) -> bool:
    """Forget a rule; whether there was one. What it chose stays chosen."""
    return CarrierRule.objects.filter(shop_id=shop_id, id=rule_id).delete()[0] > 0


def place_rules(shop_id: int, rule_ids: Sequence[int]) -> int:
    """Put rules in this order; how many there were."""
    return sql.run(PLACE_RULES, shop_id=shop_id, ids=list(rule_ids))


HAS_RULES = "SELECT EXISTS (SELECT FROM carrier_rules WHERE shop_id = %(shop_id)s AND active) AS has"


def has_rules(shop_id: int) -> bool:
    """Whether the shop has a carrier rule at work."""
    return bool(sql.fetch(HAS_RULES, shop_id=shop_id)[0].has)
