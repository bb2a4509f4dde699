"""The tables of all addresses, face by face."""

import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Final

from tests.routes.kinds import Route

FACES: Final[list[ModuleType]] = [
    import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__) if module.name != "kinds"
]
TABLE: Final[dict[str, Route]] = {name: route for face in FACES for name, route in face.TABLE.items()}
"""Name of a route -> what it asks and answers. Who is signed in already is sent on from the sign-in page."""
