"""Good inputs made bad: bytes, texts, grids of cells and trees of JSON. Everything is drawn from the `Random` that is given."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final

LONG: Final = 100_000
DEEP: Final = 3_000
TEXTS: Final[tuple[str, ...]] = (
    "", " ", "\0", "a\0b", "\x01\x1f\x7f", "\ud800", "\udfff x", "\ufeff", "\u202e", "\u2028", "\r\n", "\t", "𠮷" * 300, "é" * 999,
    "x" * 65, "x" * 256, "x" * 4_097, "'; DROP TABLE orders; --", "%s%n%(x)s", "{}", "{{ x }}", "{% load %}", "=1+1", "@SUM(A1)",
    "+86", "-1", "0", "00", "1.5", "1e400", "-0", "NaN", "nan", "Infinity", "-inf", "sNaN", "0x10", "1_000", "²", "١٢٣", "２０２６", "½",
    "9" * 20, "9" * 309, "9" * 5_000, "true", "null", "None", "[]", "<b>&amp;</b>", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "../../etc/passwd",
    "2026-02-30", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31 23:59:59", "1970-01-01", "24:00", "1e9",
    "99999999.99", "0.001", "-0.00", "1E+27", "١٢٣.٤", "0" * 70 + "1", "3.10000E+18", "\\u0000", "\\", '"', "，", "　", "\x85",
)  # fmt: skip
"""What a text may never have been meant to be."""
NUMBERS: Final[tuple[Any, ...]] = (
    0, -1, 1, 2, 255, 2**15, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63), -(2**63) - 1, 10**30, 10**4_000,
    0.5, -0.0, 1e-320, 1e308, float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
ENCODINGS: Final = (
    "utf-8",
    "utf-8-sig",
    "gb18030",
    "utf-16",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "cp1252",
    "shift_jis",
    "utf-7",
)


def any_text(chance: Random) -> str:
    """A text nobody waits for; now and then a very long one."""
    if chance.random() < 0.02:
        return chance.choice(("x", "字", "9", "\n", "[")) * LONG
    return chance.choice(TEXTS)


def plain(text: str) -> str:
    """The text as a form can carry it: without half a character."""
    return text.encode("utf-8", "replace").decode()


def any_value(chance: Random) -> Any:
    """A value of JSON of any kind."""
    kind = chance.randrange(8)
    if kind < 3:
        return any_text(chance)
    if kind < 5:
        return chance.choice(NUMBERS)
    return chance.choice(
        (None, True, False, [], {}, [[]], {"": None}, [None] * 3, {"a": {"b": []}}, "x", list(range(2_000)))
    )


def spoil_text(chance: Random, text: str) -> str:
    """The text with something wrong in it."""
    if not text or chance.random() < 0.35:
        return any_text(chance)
    at, to = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
    to = min(to, at + 40)
    return chance.choice((
        text[:at], text[at:], text[:at] + text[to:], text[:to] + text[at:], text[:at] + chance.choice(TEXTS) + text[at:],
        text[:at] + chance.choice(TEXTS) + text[to:], text[::-1], text.swapcase(), text + text, f" {text}\t", text[:at] + "\0" + text[at:],
    ))  # fmt: skip


def spoil_bytes(chance: Random, body: bytes, others: Sequence[bytes] = ()) -> bytes:
    """The bytes with one to four things wrong: flips, cuts, repeats, a piece of something else."""
    for _ in range(chance.randint(1, 4)):
        body = _spoilt_once(chance, body, others)
    return body


def _spoilt_once(chance: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    size = len(body)
    if not size:
        return chance.randbytes(chance.choice((0, 1, 3, 200)))
    at, to = sorted((chance.randrange(size + 1), chance.randrange(size + 1)))
    kind = chance.randrange(9)
    if kind == 0:  # flips
        made = bytearray(body)
        for _ in range(chance.choice((1, 2, 8, 64))):
            made[chance.randrange(size)] ^= 1 << chance.randrange(8)
        return bytes(made)
    if kind == 1:
        return body[:at]
    if kind == 2:
        return body[at:]
    if kind == 3:
        return body[:at] + body[min(to, at + 64) :]
    if kind == 4:
        return body[:to] + body[at:][:100_000]
    if kind == 5 and others:
        other = chance.choice(others)
        return body[:at] + other[chance.randrange(len(other) + 1) :]
    if kind == 6:
        return body[:at] + chance.choice(TEXTS).encode("utf-8", "surrogatepass") + body[at:]
    if kind == 7:
        return body[:at] + chance.randbytes(chance.choice((1, 4, 60))) + body[at:]
    try:
        return body.decode().encode(chance.choice(ENCODINGS), "replace")
    except UnicodeDecodeError:
        return body + bytes(chance.choice((1, 1_000)))


Place = tuple[Any, Any]


def _places(tree: Any) -> list[Place]:
    """Every (container, key) of a tree."""
    found: list[Place] = []
    waits = [tree]
    while waits:
        here = waits.pop()
        pairs = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
        for key, value in pairs:
            found.append((here, key))
            waits.append(value)
    return found


def spoil_tree(chance: Random, tree: Any, fitting: Callable[[Random, Any], Any] | None = None) -> Any:
    """A JSON tree with one to three things wrong. `fitting(chance, value)`: another value that looks right, such as the id of
    another shop's thing."""
    tree = deepcopy(tree)
    for _ in range(chance.randint(1, 3)):
        places = _places(tree)
        if not places:
            return any_value(chance) if chance.random() < 0.5 else {chance.choice(TEXTS): any_value(chance)}
        here, key = chance.choice(places)
        _spoil_place(chance, here, key, fitting)
    return tree


def _spoil_place(chance: Random, here: Any, key: Any, fitting: Callable[[Random, Any], Any] | None) -> None:
    kind, value = chance.randrange(9), here[key]
    if kind == 0:
        del here[key]
    elif kind == 1:
        here[key] = any_value(chance)
    elif kind == 2:
        here[key] = [value] * chance.choice((1, 2, 50))
    elif kind == 3 and isinstance(value, list) and len(value) < 100:
        here[key] = value * chance.choice((2, 300))
    elif kind == 4 and isinstance(here, dict):
        here[any_text(chance)[:300]] = value
    elif kind == 5 and isinstance(value, int):
        here[key] = str(value)
    elif kind == 6 and fitting is not None:
        here[key] = fitting(chance, value)
    elif isinstance(value, str):
        here[key] = spoil_text(chance, value)
    elif isinstance(value, int | float):
        here[key] = chance.choice(NUMBERS)
    else:
        here[key] = any_value(chance)


def written(chance: Random, tree: Any) -> bytes:
    """A tree as JSON; now and then with a repeated name, a number without end, nested too deep, in a wrong encoding, or with
    its bytes spoilt."""
    text = json.dumps(tree)
    kind = chance.random()
    if kind < 0.03 and text.startswith("{") and len(text) > 2:
        return f"{{{text[1:-1]},{text[1:]}".encode()
    if kind < 0.04:
        return b"[" * DEEP + text.encode() + b"]" * chance.choice((0, DEEP))
    if kind < 0.05:
        return text.replace("null", '{"a":' * DEEP + "1" + "}" * DEEP, 1).encode()
    if kind < 0.06:
        return re.sub(r"\d+", lambda _: "9" * 5_000, text, count=1).encode()
    if kind < 0.09:
        return json.dumps(tree, ensure_ascii=False).encode(chance.choice(ENCODINGS), "replace")
    return spoil_bytes(chance, text.encode()) if kind < 0.15 else text.encode()


def spoil_form(
    chance: Random, form: Mapping[str, str], fitting: Callable[[Random, str], str] | None = None
) -> dict[str, str]:
    """A form's fields with one to three of them wrong, gone, or another's."""
    found = dict(form)
    for _ in range(chance.randint(1, 3)):
        if not found or chance.random() < 0.08:
            found[any_text(chance)[:200]] = any_text(chance)
            continue
        name = chance.choice(sorted(found))
        kind = chance.randrange(6)
        if kind == 0:
            del found[name]
        elif kind == 1 and fitting is not None:
            found[name] = fitting(chance, found[name])
        elif kind == 2:
            found[name] = found[chance.choice(sorted(found))]
        else:
            found[name] = spoil_text(chance, found[name])
    return found


def spoil_grid(chance: Random, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """A sheet, header first, with cells, columns or rows wrong."""
    grid = [list(header), *(list(row) for row in rows)]
    for _ in range(chance.randint(1, 4)):
        kind, row = chance.randrange(9), chance.choice(grid)
        if kind < 4 and row:
            at = chance.randrange(len(row))
            row[at] = spoil_text(chance, row[at])
        elif kind == 4:
            grid.append(list(chance.choice(grid)))
        elif kind == 5 and len(grid) > 1:
            grid.remove(row)
        elif kind == 6:
            row.insert(chance.randrange(len(row) + 1), any_text(chance))
        elif kind == 7 and row:
            at = chance.randrange(len(row))
            for each in grid:
                del each[at : at + 1]
        else:
            order = list(range(len(grid[0])))
            chance.shuffle(order)
            grid[0] = [grid[0][place] for place in order]
    return grid
