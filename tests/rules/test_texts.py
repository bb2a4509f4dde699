"""JSON loses the one character that the database cannot hold, and nothing else."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from fahuo.rules.texts import without_nul

PIECES = st.lists(st.sampled_from(["\0", "\\", "u0000", "\\u0000", '"', "0", "字"]), max_size=12).map("".join)


def bare(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    return [bare(each) for each in value] if isinstance(value, list) else {k: bare(v) for k, v in value.items()}


@given(st.lists(PIECES, max_size=3) | st.dictionaries(st.just("a"), PIECES))
@example(["\\u0000", "\\\0", "\0\0", "\\\\u0000\0"])
def test_nul_goes_and_everything_else_stays(value: Any) -> None:
    for as_ascii in (True, False):
        written = json.dumps(value, ensure_ascii=as_ascii).encode()
        assert json.loads(without_nul(written)) == bare(value)
