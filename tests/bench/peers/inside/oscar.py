"""django-oscar told what to do: paid orders made, each shipped by the event handler with its tracking number."""

import os
from collections.abc import Iterator
from typing import Any

from tests.bench.peers.inside.turns import serve

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.peers.inside.oscar_site"


def setup() -> dict[str, str]:
    """Tables, the event's kind, and a superuser; the headers of his browser."""
    from django.core.management import call_command
    from oscar.core.loading import get_model

    from tests.bench.peers.inside.sites import signed_in

    call_command("migrate", verbosity=0)
    get_model("order", "ShippingEventType").objects.create(name="Shipped", code="shipped")
    return signed_in("keeper")


def orders(first: int, count: int) -> list[tuple[str, int]]:
    """So many paid orders of one line, numbered from `first`; (number, line's id) of each. The first is placed by Oscar's
    own order creator, the others are its like."""
    from django.db import connection
    from oscar.core.loading import get_model
    from oscar.test.factories import CountryFactory, ShippingAddressFactory, create_order

    order_model, line_model, price_model = (get_model("order", name) for name in ("Order", "Line", "LinePrice"))
    address_model, country_model = get_model("order", "ShippingAddress"), get_model("address", "Country")
    country = country_model.objects.first() or CountryFactory()
    first_order = create_order(number=str(first), shipping_address=ShippingAddressFactory(country=country))
    line, price = first_order.lines.get(), first_order.lines.get().prices.get()
    addresses = address_model.objects.bulk_create([_copy(first_order.shipping_address) for _ in range(count - 1)])
    made = order_model.objects.bulk_create(
        _copy(first_order, number=str(first + n), shipping_address=address)
        for n, address in enumerate(addresses, 1)
    )  # fmt: skip
    lines = line_model.objects.bulk_create(_copy(line, order=order) for order in made)
    price_model.objects.bulk_create(_copy(price, order=each.order, line=each) for each in lines)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) order_order, order_line, order_shippingaddress, order_lineprice")
    return [(first_order.number, line.pk), *((each.order.number, each.pk) for each in lines)]


def _copy(model: Any, **changed: object) -> Any:
    fields = {
        field.attname: getattr(model, field.attname) for field in model._meta.concrete_fields if not field.primary_key
    }
    copy = type(model)(**fields)
    for name, value in changed.items():
        setattr(copy, name, value)
    return copy


def ship(first: int, count: int) -> int:
    """Each order: looked up by its number, the event with the tracking number, the status."""
    from oscar.core.loading import get_class, get_model

    handler = get_class("order.processing", "EventHandler")()
    event = get_model("order", "ShippingEventType").objects.get(code="shipped")
    for order in _each(first, count):
        lines = order.lines.all()
        handler.handle_shipping_event(
            order, event, lines, [line.quantity for line in lines], reference=f"77{int(order.number):012}"
        )
        handler.handle_order_status_change(order, "Shipped")
    return count


def _each(first: int, count: int) -> Iterator[Any]:
    from oscar.core.loading import get_model

    found = get_model("order", "Order").objects
    return (found.get(number=str(n)) for n in range(first, first + count))


def shipped(first: int, count: int) -> tuple[int, int]:
    """How many of them are shipped, and how many have a tracking number."""
    from oscar.core.loading import get_model

    numbers = [str(n) for n in range(first, first + count)]
    done = get_model("order", "Order").objects.filter(number__in=numbers, status="Shipped").count()
    event = get_model("order", "ShippingEvent").objects
    return done, event.filter(order__number__in=numbers, notes__startswith="77").count()


def ids(first: int, count: int) -> list[int]:
    """The keys by which the dashboard's list names the orders."""
    from oscar.core.loading import get_model

    numbers = [str(n) for n in range(first, first + count)]
    return list(get_model("order", "Order").objects.filter(number__in=numbers).values_list("pk", flat=True))


if __name__ == "__main__":
    import django

    django.setup()
    serve(setup=setup, orders=orders, ship=ship, shipped=shipped, ids=ids)
