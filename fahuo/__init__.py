"""Fahuo (发货): the shipping desk of an online shop, and the rule desk of the marketplace behind it."""

__version__ = "0.1.0"
