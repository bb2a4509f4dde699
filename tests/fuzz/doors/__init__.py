"""The doors, by name."""

from collections.abc import Mapping
from typing import Final

from tests.fuzz.doors import api, forms, gateway, pushes, rulebooks, sheets, templates, wire
from tests.fuzz.run import Door

ALL: Final[tuple[Door, ...]] = (
    api.Api(), gateway.Gateway(), pushes.Pushes(), templates.Templates(), rulebooks.RuleBooks(), forms.Forms(), wire.Wire(),
    sheets.Texts(), sheets.Workbooks(),
)  # fmt: skip
BY_NAME: Final[Mapping[str, Door]] = {door.name: door for door in ALL}
