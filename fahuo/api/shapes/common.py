"""Shapes that several nouns share, and how examples are written."""

from datetime import datetime
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

from fahuo.api.contract import ROWS

Row = TypeVar("Row")
Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Ids = Annotated[list[Id], Meta(min_length=1, max_length=ROWS)]
Word = Annotated[str, Meta(max_length=60)]
Text = Annotated[str, Meta(max_length=200)]
Numbers = Annotated[
    list[str], Meta(min_length=1, max_length=ROWS, description="Order numbers, as the marketplace gave them")
]


class NumbersIn(Struct, forbid_unknown_fields=True):
    """Some orders, by their numbers."""

    orders: Numbers


class RowProblem(Struct):
    """What is wrong with a row, or to be looked at: the field it is about ("" for the whole row), code, data, sentence."""

    field: str
    code: str
    data: dict[str, str | int | bool | None] = {}
    sentence: str = ""


class RowOut(Struct):
    """What became of one row. `verdict`: done (written or shipped), same (stood so already), conflict (written, and a
    person must look), bad (nothing was done). With problems a row that is not bad has warnings."""

    verdict: str
    order: str
    order_id: int | None = None
    parcel_id: int | None = None
    problems: list[RowProblem] = []


class RowsOut(Struct):
    """The answer to a bulk call: an outcome for each row, in the same order, as many as were sent; and the batch under
    which people find it."""

    batch_id: int
    rows: list[RowOut]


class FileIn(Struct, forbid_unknown_fields=True):
    """A file: its name, and its bytes in base64."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    content: bytes


class FileOut(Struct):
    """A file: its name, and its bytes in base64."""

    name: str
    content: bytes


class PasswordOut(Struct):
    """A new password, which is told this once."""

    password: str


class PlacesIn(Struct, forbid_unknown_fields=True):
    """All of them by their ids, in their new order."""

    ids: Annotated[list[Id], Meta(min_length=1, max_length=500)]


class IdsIn(Struct, forbid_unknown_fields=True):
    """Some of them, by their ids."""

    ids: Ids


class Changed(Struct):
    """How many rows an act changed."""

    changed: int


class Outcome(Struct):
    """What became of one of many: None of `problem` means that it was done."""

    order: str
    problem: RowProblem | None = None


class Outcomes(Struct):
    """An outcome for each that was named, in the same order."""

    rows: list[Outcome]


Instant = datetime
Anything = dict[str, Any]
