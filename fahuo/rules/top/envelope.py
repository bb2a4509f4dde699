"""TOP's envelopes: one root named after the method, lists wrapped twice, as JSON or as XML, and the error's.

An answer is built of dicts, strings, integers, booleans and `Listed`; None is left out wherever it stands.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

from fahuo.rules.top.errors import TopError

HEAD: Final = '<?xml version="1.0" encoding="utf-8" ?>'
_CONTROL: Final = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}
"""Signs that XML 1.0 cannot hold."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, and the name that wraps its items: trades of `trade`, texts of `string`, numbers of `number`."""

    item: str
    values: Sequence[Any]


def root_of(method: str) -> str:
    """The root of a method's answer: `taobao.trades.sold.get` -> `trades_sold_get_response`; others keep their prefix."""
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def error_body(error: TopError, request_id: str) -> dict[str, Any]:
    """What stands under `error_response`."""
    body: dict[str, Any] = {"code": error.code, "msg": error.msg}
    if error.sub_code:
        body["sub_code"] = error.sub_code
    if error.sub_msg:
        body["sub_msg"] = error.sub_msg
    return {**body, "request_id": request_id}


def as_json(root: str, body: Mapping[str, Any], *, simplify: bool = False) -> str:
    """The answer as JSON. `simplify` drops the root and the inner wrap of lists; never the root of an error."""
    plain = _plain(body, simplify)
    wrapped = plain if simplify and root != "error_response" else {root: plain}
    return json.dumps(wrapped, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any, simplify: bool) -> Any:
    if isinstance(value, Listed):
        values = [_plain(each, simplify) for each in value.values]
        return values if simplify else {value.item: values}
    if isinstance(value, Mapping):
        return {name: _plain(each, simplify) for name, each in value.items() if each is not None}
    return value


def as_xml(root: str, body: Mapping[str, Any]) -> str:
    """The answer as XML; a list says so in an attribute."""
    return HEAD + "".join(_element(root, body))


def _element(name: str, value: Any) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, Listed):
        yield f'<{name} list="true">'
        for each in value.values:
            yield from _element(value.item, each)
    else:
        yield f"<{name}>"
        if isinstance(value, Mapping):
            for inner, each in value.items():
                yield from _element(inner, each)
        elif isinstance(value, bool):
            yield "true" if value else "false"
        else:
            yield escape(str(value).translate(_CONTROL))
    yield f"</{name}>"
