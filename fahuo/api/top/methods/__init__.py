"""The methods, by noun. Importing this package declares all of them."""

from fahuo.api.top.methods import auth, companies, memos, oaid, places, refunds, shipments, shipping, trades, waybills

__all__ = ["auth", "companies", "memos", "oaid", "places", "refunds", "shipments", "shipping", "trades", "waybills"]
