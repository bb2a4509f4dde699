"""What a shop says of a service outside, a marketplace or a carrier's: its settings are read and checked, and shown without
their secrets; and how such services are asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from fahuo.connectors.contract import Field
from fahuo.connectors.notify.addresses import inside
from fahuo.connectors.web import Transport, transport
from fahuo.rules.problems import Refusal


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds of a kind's settings: the names of those that are addresses, how long one may be, and the codes of what is
    wrong with a setting, or with an address."""

    addresses: Sequence[str]
    longest: int
    setting: str
    address: str


def usual_transport() -> Transport:
    """How services outside are asked."""
    return transport(allow_private=settings.CONNECT_PRIVATE)


def read(fields: Sequence[Field], given: Mapping[str, str], kept: Mapping[str, str], rules: Rules) -> dict[str, str]:
    """The fields as they are kept; a secret that is not given stays as it was. Refusal by `rules`."""
    found = {}
    for field in fields:
        text = given.get(field.name, "").strip()
        if field.secret and not text:
            text = kept.get(field.name, "")
        text = text or field.default or (field.choices[0] if field.choices else "")
        bad = (field.required and not text) or len(text) > rules.longest or not text.isprintable()
        if bad or (field.choices and text not in field.choices):
            raise _wrong(rules.setting, field)
        if field.name in rules.addresses and text and not _reachable(text):
            raise _wrong(rules.address, field)
        found[field.name] = text
    return found


def _reachable(text: str) -> bool:
    """Whether it is a whole address, and one that may be asked."""
    try:
        parts = urlsplit(text)
        whole = bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError:
        return False
    if not whole or parts.scheme not in ("https", "http") or re.search(r"[\s\"<>\\]", text):
        return False
    return settings.CONNECT_PRIVATE or (parts.scheme == "https" and not inside(parts.hostname or ""))


def _wrong(code: str, field: Field) -> Refusal:
    return Refusal.of(code, field=field.zh, field_en=field.en)


def shown(fields: Sequence[Field], kept: Mapping[str, str]) -> dict[str, str]:
    """What a page may show: all that is no secret, and which secrets are there."""
    return {
        field.name: ("kept" if kept.get(field.name) else "") if field.secret else kept.get(field.name, "")
        for field in fields
    }
