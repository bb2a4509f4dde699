"""Labels (面单) as data: what stands on one, and the template that says where.

`data` holds what a label says and how it is masked, `fields` what a template may ask of it, `templates` reads templates.
docs/labels.md has the format; `printing/` draws it.
"""

from fahuo.rules.labels.data import Goods, LabelData, Party, masked
from fahuo.rules.labels.elements import Box, Code128, Element, GoodsList, Line, Qr, Template, Text
from fahuo.rules.labels.fields import FIELDS, GOODS_FIELDS
from fahuo.rules.labels.templates import (
    DEFAULT_SIZE,
    SIZES,
    read_template,
    standard,
    standard_text,
)

__all__ = [
    "DEFAULT_SIZE", "FIELDS", "GOODS_FIELDS", "SIZES", "Box", "Code128", "Element", "Goods", "GoodsList", "LabelData",
    "Line", "Party", "Qr", "Template", "Text", "masked", "read_template", "standard", "standard_text",
]  # fmt: skip
