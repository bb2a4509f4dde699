"""karrio's SDK told what to do: labels by its generic carrier, each from a unified shipment request, no server."""

import base64

import karrio.sdk as karrio
from karrio.core.models import Address, Parcel, ShipmentRequest

from tests.bench.peers.inside.turns import serve

GATEWAY = karrio.gateway["generic"].create(
    {"display_name": "ZTO", "custom_carrier_name": "zto", "carrier_id": "zto", "test_mode": True}
)


def _request(n: int, form: str) -> ShipmentRequest:
    return ShipmentRequest(
        service="standard_service", label_type=form,
        shipper=Address(person_name="Wang", company_name="Huayuan", address_line1="3 Huayuan Road", city="Hangzhou",
                        state_code="ZJ", postal_code="310000", country_code="CN", phone_number="17000000000"),
        recipient=Address(person_name=f"Buyer {n}", company_name=f"Buyer {n}", address_line1=f"{n % 900} Renmin Road",
                          city="Chengdu", state_code="SC", postal_code=f"61{n % 10000:04}", country_code="CN",
                          phone_number=f"170{n:08}"),
        parcels=[Parcel(weight=1.0, width=10.0, height=10.0, length=10.0, weight_unit="KG", dimension_unit="CM",
                        reference_number=f"77{n:012}",
                        items=[{"sku": f"A{n % 500}", "quantity": 1, "weight": 1.0, "weight_unit": "KG"}])],
    )  # fmt: skip


def labels(form: str, first: int, count: int) -> int:
    """Bytes of so many labels, each bought by itself: karrio has no call for many in one file."""
    size = 0
    for n in range(first, first + count):
        shipment, messages = karrio.Shipment.create(_request(n, form)).from_(GATEWAY).parse()
        assert not messages, messages
        label = base64.b64decode(shipment.docs.label)
        assert label.startswith(b"%PDF" if form == "PDF" else b"^XA"), label[:20]
        assert shipment.tracking_number == f"77{n:012}"
        size += len(label)
    return size


if __name__ == "__main__":
    serve(labels=labels)
