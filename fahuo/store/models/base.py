"""The shape that every shop-owned table has, so that the same schema can be distributed by shop."""

from typing import Any

from django.db import models


class NextId(models.Func):
    """The next number of the one sequence that all shop-owned rows draw their ids from."""

    function = "nextval"
    template = "nextval('ids')"
    allowed_default = True
    output_field = models.BigIntegerField()


def one_of(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    """A CHECK made from the values the rules name, so that code and table cannot differ."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": values}), name=name)


def money(**options: Any) -> "models.DecimalField[Any, Any]":
    """CNY with two decimals."""
    return models.DecimalField(max_digits=12, decimal_places=2, **options)


class ShopOwned(models.Model):
    """A row of one shop: primary key (shop_id, id), `shop_id` never updated."""

    pk = models.CompositePrimaryKey("shop_id", "id")
    shop_id = models.BigIntegerField()
    id = models.BigIntegerField(db_default=NextId())

    class Meta:
        abstract = True
