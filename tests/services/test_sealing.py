"""Secrets are kept sealed; keys may be changed; a database without its key tells nothing."""

from typing import Any

import pytest

from fahuo.rules.problems import Refusal
from fahuo.services import sealing

OLD, NEW = "an-old-key-that-is-long-enough-1234567", "a-new-key-that-is-long-enough-9876543"


def test_what_is_sealed_opens_again_and_tells_nothing(settings: Any) -> None:
    settings.SEALING_KEY = OLD
    sealed = sealing.seal("秘密 secret")
    assert "secret" not in sealed
    assert sealing.seal("秘密 secret") != sealed
    assert sealing.opened(sealed) == "秘密 secret"
    assert sealing.opened_fields(sealing.seal_fields({"token": "t", "n": 1})) == {"token": "t", "n": 1}
    assert sealing.opened_fields("") == {}


def test_a_new_key_in_front_still_opens_what_the_old_one_sealed(settings: Any) -> None:
    settings.SEALING_KEY = OLD
    sealed = sealing.seal("x")
    settings.SEALING_KEY = f"{NEW}, {OLD}"
    assert sealing.opened(sealed) == "x"
    newer = sealing.seal("x")
    settings.SEALING_KEY = NEW
    assert sealing.opened(newer) == "x"
    with pytest.raises(Refusal) as refused:
        sealing.opened(sealed)
    assert refused.value.problems[0].code == "sealing_key"


def test_marks_are_the_same_again_and_for_one_purpose(settings: Any) -> None:
    settings.SEALING_KEY = OLD
    mark = sealing.mark("oaid", 1, 2, "k")
    assert mark == sealing.mark("oaid", 1, 2, "k")
    others = {sealing.mark("buyer", 1, 2, "k"), sealing.mark("oaid", 12, "", "k"), sealing.mark("oaid", 1, 2, "j")}
    assert mark not in others
    assert len(others) == 3
