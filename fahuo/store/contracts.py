"""Contracts with carriers' branches."""

from fahuo.store.models import Contract


def find(shop_id: int, contract_id: int) -> Contract | None:
    """The contract as it stands."""
    return Contract.objects.filter(shop_id=shop_id, id=contract_id).first()
