"""A shop's contracts with carriers' branches: whose numbers, when the parcel counts as shipped, and when they come."""

from typing import Final, Literal

Numbers = Literal["stock", "entered"]
NUMBERS: Final[tuple[Numbers, ...]] = ("stock", "entered")
"""stock: bought ahead, taken from the shop's stock. entered: the courier brings them, typed or by sheet."""

ShipsAt = Literal["packed", "pickup"]
SHIPS_AT: Final[tuple[ShipsAt, ...]] = ("packed", "pickup")
"""packed: submitted when the parcel is packed. pickup: when the courier signs, so that no number stands at the
marketplace without a scan."""

ChosenBy = Literal["rule", "person", "label"]
CHOSEN_BY: Final[tuple[ChosenBy, ...]] = ("rule", "person", "label")
"""Who gave an order to a contract: a rule of the shop, somebody by hand (which no rule overrides), or its label."""
