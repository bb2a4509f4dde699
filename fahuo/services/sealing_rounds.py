"""Sealing what stands readable, or under an older key: rows of earlier versions, and everything after the key was changed.

A place after the other, PORTION rows a step, each step one transaction; any number of clocks may walk, and any may be
killed. Once every place of every shop is done under the newest key, an older one may be taken out of FAHUO_SEALING_KEY
(`fahuo privacy verify` tells).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import transaction

from fahuo.rules.problems import Refusal
from fahuo.services import erasure, sealing
from fahuo.store import clock, seal_passes, sealed

PORTION: Final = 1000
BUDGET: Final = timedelta(seconds=3)
"""How long a round of the clock may take: imports and timers have their turn in between."""

Row = dict[str, Any]


def _receiver(shop_id: int, row: Any) -> Row:
    found = sealed.open_receivers(shop_id, [row])[0]
    kept = sealed.receiver(
        shop_id, row.upto, found.name, found.phone, found.phone_extension, found.address, found.postcode
    )
    return {"upto": row.upto, **kept._asdict(), "sealed": kept.sealed.hex()}


def _file(shop_id: int, row: Any) -> Row:
    body = sealed.opened(shop_id, sealed.FILE, bytes(row.body))
    return {"upto": row.upto, "body": sealed.seal(shop_id, sealed.FILE, body)}


def _sheet_row(shop_id: int, row: Any) -> Row:
    data = sealed.open_row(shop_id, msgspec.json.decode(row.data))
    problems = sealed.open_problems(shop_id, msgspec.json.decode(row.problems)) if row.problems else None
    if row.kind == "shipments":
        data[sealed.CELLS] = sealed.seal_cells(shop_id, data[sealed.CELLS])
    else:
        data = msgspec.json.decode(sealed.seal_row(shop_id, msgspec.json.encode(data).decode()))
        problems = sealed.seal_problems(shop_id, problems) if problems else None
    return {"upto": row.upto, "row": row.row, "data": data, "problems": problems}


def _keys(shop_id: int, row: Any) -> Row:
    return {"upto": row.upto, "key": sealed.keyed(shop_id, row.key), "hash": sealed.keyed(shop_id, row.hash)}


def _key(shop_id: int, row: Any) -> Row:
    return {"upto": row.upto, "key": sealed.keyed(shop_id, row.key)}


def _secret(shop_id: int, row: Any) -> Row | None:
    fresh = sealing.renewed(row.text)
    return None if fresh is None else {"upto": row.upto, "text": fresh}


SECRETS: Final = ("gateway_apps.secret", "marketplaces.settings", "carrier_accounts.settings")
MAKERS: Final[Mapping[str, Callable[[int, Any], Row | None]]] = {
    "orders.receiver_key": _keys,
    "receivers": _receiver,
    sealed.FILE: _file,
    sealed.ROW: _sheet_row,
    "labels.receiver_key": _key,
    "number_orders.receiver_key": _key,
    **dict.fromkeys(SECRETS, _secret),
}
"""Place -> what is written for a row; a text of a place that is not named here is sealed again as it is."""


def _made(shop_id: int, place: str, row: Any) -> Row | None:
    if place in MAKERS:
        return MAKERS[place](shop_id, row)
    text = sealed.open_text(shop_id, place, row.text)
    return {"upto": row.upto, "text": sealed.seal_text(shop_id, place, text)}


def step(shop_id: int, place: str, *, now: datetime, limit: int = PORTION) -> tuple[int, bool]:
    """One step of a walk: (how many rows it sealed, whether there may be more). Refusal `sealing_key` for a row under a key
    that is not known here."""
    key = newest_key()
    with transaction.atomic():
        walk = seal_passes.hold(shop_id, place, key)
        if walk is None or walk.done_at is not None:
            return 0, False
        rows = seal_passes.find(shop_id, place, upto=walk.upto, row=walk.row, limit=limit)
        made = [row for each in rows if (row := _made(shop_id, place, each)) is not None]
        seal_passes.write(shop_id, place, made)
        if place == "orders.receiver_key":
            seal_passes.follow_keys(shop_id, {each.key: row["key"] for each, row in zip(rows, made, strict=True)})
        over = not rows and (walk.upto == 0 or place in SECRETS)
        at = rows[-1] if rows else None
        seal_passes.keep(
            shop_id,
            place,
            upto=at.upto if at else 0,
            row=at.row if at else 0,
            moved=len(made),
            done_at=now if over else None,
        )
    return len(made), not over


def run(
    shop_id: int, *, moment: Callable[[], datetime], until: datetime | None = None,
    stop: Callable[[], bool] = lambda: False, told: Callable[[str, int], object] = lambda place, count: None,
) -> bool:  # fmt: skip
    """Walk on in a shop until all is sealed under the newest key, or `until`, or `stop`; whether it is."""
    for place in seal_passes.open_places(shop_id, newest_key()):
        more = True
        while more:
            if stop() or (until is not None and moment() >= until):
                return False
            count, more = step(shop_id, place, now=moment())
            told(place, count)
    return not seal_passes.open_places(shop_id, newest_key())


def run_due(*, moment: Callable[[], datetime], stop: Callable[[], bool] = lambda: False) -> bool:
    """A round of the clock over all shops, BUDGET long; whether all is sealed."""
    until = moment() + BUDGET
    shops = seal_passes.open_shops(newest_key())
    return all([run(shop_id, moment=moment, until=until, stop=stop) for shop_id in shops])


# --- what is held ---

SAMPLE: Final = 20


def held(shop_id: int) -> dict[str, dict[str, int]]:
    """Place -> key's id in hexadecimal ("keyed": a keyed digest, "": readable) -> how many rows. Reads every row."""
    places = [place for place, walk in seal_passes.WALKS.items() if walk.count and place not in SECRETS]
    return {place: seal_passes.counted(shop_id, place) for place in places}


def faults(shop_id: int) -> list[str]:
    """What is wrong with what a shop keeps: `readable <place> <n>`, `unknown <place> <key> <n>`, `search-key`."""
    known = {key.hex() for key in sealed.key_ids()}
    found = []
    for place, keys in held(shop_id).items():
        for key, number in keys.items():
            if key == "":
                found.append(f"readable {place} {number}")
            elif key not in known and key != "keyed":
                found.append(f"unknown {place} {key} {number}")
    return [*found, *(fault for fault in key_faults(shop_id) if fault == "search-key")]


def newest_key() -> str:
    """The id of the key that seals now, in hexadecimal."""
    return sealed.key_ids()[0].hex()


def key_faults(shop_id: int) -> list[str]:
    """Whether the newest receivers open (`sealing-key`), and are found by the search key at hand (`search-key`)."""
    for row in seal_passes.newest(shop_id, limit=SAMPLE):
        try:
            texts = sealed.receiver_texts(shop_id, row.order_id, bytes(row.sealed))
        except Refusal:
            return ["sealing-key"]
        if (
            sealed.phone_mark(shop_id, texts[1]) != row.phone_mark
            or sealed.name_mark(shop_id, texts[0]) != row.name_mark
        ):
            return ["search-key"]
    return []


def progress() -> list[dict[str, Any]]:
    """Each shop: {shop, key: the newest key's id, open: the places that no whole walk has found in order yet}."""
    key = newest_key()
    return [{"shop": shop_id, "key": key, "open": seal_passes.open_places(shop_id, key)} for shop_id in clock.shops()]


def all_again(*, moment: Callable[[], datetime], told: Callable[[str, int], object]) -> bool:
    """Walk over everything in all shops once more, to the end; whether all is sealed."""
    done = True
    told("users.totp", renew_people())
    for shop_id in clock.shops():
        seal_passes.again(shop_id)
        done = run(shop_id, moment=moment, told=told) and done
    return done


def report(*, now: datetime) -> dict[str, Any]:
    """Proof: {at, keys: rows by the id of their key ("keyed": digests, "readable": neither), shops: [{shop, faults}]}; what
    erasing left behind is among the faults."""
    keys: dict[str, int] = {}
    shops = []
    for shop_id in clock.shops():
        for counted in held(shop_id).values():
            for key, number in counted.items():
                name = key or "readable"
                keys[name] = keys.get(name, 0) + number
        shops.append({"shop": shop_id, "faults": [*faults(shop_id), *erasure.faults(shop_id, now=now)]})
    if strange := people_faults():
        shops.append({"shop": 0, "faults": strange})
    return {"at": now.isoformat(), "keys": keys, "shops": shops}


def renew_people() -> int:
    """Seal persons' second factors, which belong to no shop, with the newest key; how many were under another.

    Refusal `sealing_key` for one that no key here opens.
    """
    count, after = 0, 0
    while True:
        with transaction.atomic():
            rows = seal_passes.people(after)
            for row in rows:
                if (fresh := sealing.renewed(row.totp)) is not None:
                    seal_passes.renew_person(row.id, fresh)
                    count += 1
        if not rows:
            return count
        after = rows[-1].id


def people_faults() -> list[str]:
    """Persons' second factors that are not under the newest key: `unknown users.totp <n>` where none here opens them."""
    strange, after = 0, 0
    with transaction.atomic():
        while rows := seal_passes.people(after):
            strange += sum(1 for row in rows if not _opens(row.totp))
            after = rows[-1].id
    return [f"unknown users.totp {strange}"] if strange else []


def _opens(text: str) -> bool:
    try:
        sealing.opened(text)
    except Refusal:
        return False
    return True
