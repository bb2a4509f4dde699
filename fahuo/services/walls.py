"""Where a request stands: its door says so once, and from then on the database shows this shop's rows alone."""

from fahuo.store.wall import inside

__all__ = ["inside"]
