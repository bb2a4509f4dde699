"""Text into lines: where a line may break, what fits, and what is cut. Widths are in bodies (1 is a Chinese character)."""

from collections.abc import Mapping
from typing import Final

ELLIPSIS: Final = "…"
_NOT_FIRST: Final = frozenset("，。、；：？！,.;:?!)]}）】》〉」』”’％%…·~～℃/-—")
"""Marks that no line begins with."""
_NOT_LAST: Final = frozenset("([{（【《〈「『“‘￥¥$#№")
"""Marks that no line ends with."""
_SLACK: Final = 1e-6


def width(text: str, advances: Mapping[str, float]) -> float:
    return sum(map(advances.__getitem__, text))


def wrap(text: str, room: float, advances: Mapping[str, float]) -> list[str]:
    """The text in lines no wider than `room`, if a single character is not. Words and numbers stay whole while they fit."""
    return [line for part in text.split("\n") for line in _wrap(part, room, advances)]


def _wrap(text: str, room: float, advances: Mapping[str, float]) -> list[str]:
    room += _SLACK
    if width(text, advances) <= room:
        return [text]
    lines = []
    start, end, used = 0, 0, 0.0
    while end < len(text):
        used += advances[text[end]]
        if used <= room or end == start:
            end += 1
            continue
        if text[end] == " ":
            stop, resume = end, end + 1
        else:
            stop = resume = _break(text, start, end)
        lines.append(text[start:stop].rstrip(" "))
        while resume < len(text) and text[resume] == " ":
            resume += 1
        start = end = resume
        used = 0.0
    if start < len(text):
        lines.append(text[start:])
    return lines


def _break(text: str, start: int, end: int) -> int:
    """The last place after `start` and not after `end` where a line may break; `end` itself if there is none."""
    for place in range(end, start, -1):
        before, after = text[place - 1], text[place]
        if after in _NOT_FIRST or before in _NOT_LAST:
            continue
        if before == " " or before == "-" or not (_in_word(before) and _in_word(after)):
            return place
    return end


def _in_word(char: str) -> bool:
    """Whether it sticks to its neighbours of the same kind: letters, digits, masks."""
    return char < "\u2e80" and char != " " and (char.isalnum() or char in "*_.+@×")


def cut(text: str, room: float, advances: Mapping[str, float]) -> str:
    """The text if it fits, else as much of it as fits with an ellipsis."""
    return text if width(text, advances) <= room + _SLACK else ended(text, room, advances)


def ended(text: str, room: float, advances: Mapping[str, float]) -> str:
    """As much of a text as fits with an ellipsis behind it; "" where not even that has room."""
    left = room + _SLACK - advances[ELLIPSIS]
    if left < 0:
        return ""
    for place, char in enumerate(text):
        left -= advances[char]
        if left < 0:
            return text[:place].rstrip(" ") + ELLIPSIS
    return text.rstrip(" ") + ELLIPSIS
