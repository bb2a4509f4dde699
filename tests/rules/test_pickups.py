"""When couriers come, and what belongs on their manifests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import pickups
from fahuo.rules.pickups import Sent

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from(
    ["Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
)
TIMES = st.lists(st.times(), max_size=6)
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(times=TIMES, zone=ZONES, day=st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_a_day_has_each_of_its_times_once_and_in_order(times: list[time], zone: str, day: date) -> None:
    found = pickups.expected_on(day, times, ZoneInfo(zone))
    assert list(found) == sorted(set(found))
    assert len(found) <= len(set(times))
    assert all(at.tzinfo is UTC for at in found)
    # A jump of the clock leads at most into the neighbouring hour; no instant leaves its day by more.
    for at in found:
        here = at.astimezone(ZoneInfo(zone))
        assert abs((here.date() - day).days) <= 1
        assert pickups.is_expected(at, times, ZoneInfo(zone)) or here.date() != day


@given(times=TIMES, zone=ZONES, now=MOMENTS)
def test_the_next_is_the_first_that_has_not_passed(times: list[time], zone: str, now: datetime) -> None:
    where = ZoneInfo(zone)
    found = pickups.following(times, where, now=now)
    if found is None:
        assert times == []
        return
    assert now <= found <= now + timedelta(hours=50)
    day = now.astimezone(where).date()
    others = [at for ahead in range(-1, 3) for at in pickups.expected_on(day + timedelta(days=ahead), times, where)]
    assert found == min(at for at in others if at >= now)


def test_in_shanghai_the_afternoon_pickup_is_eight_hours_earlier_in_utc() -> None:
    times = [time(17, 30), time(11, 0)]
    now = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon there
    assert pickups.today(times, SHANGHAI, now=now) == (
        datetime(2026, 3, 2, 3, 0, tzinfo=UTC), datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    )  # fmt: skip
    assert pickups.following(times, SHANGHAI, now=now) == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    evening = now + timedelta(hours=6)
    assert pickups.following(times, SHANGHAI, now=evening) == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


def test_a_courier_at_the_very_minute_is_the_next() -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert pickups.following([time(17, 30)], SHANGHAI, now=at) == at
    assert pickups.following([time(17, 30)], SHANGHAI, now=at + timedelta(microseconds=1)) == at + timedelta(days=1)


def test_the_moves_of_a_pickup() -> None:
    assert pickups.before("sign") == ["open"]
    assert set(pickups.before("cancel")) == set(pickups.LIVING)
    for (_, event), after in pickups.TABLE.items():
        assert event in pickups.EVENTS
        assert after in pickups.STATUSES
    assert not [status for status, _ in pickups.TABLE if status in ("signed", "cancelled")]


@given(
    st.lists(st.from_regex(r"[A-Z0-9]{4,18}", fullmatch=True)),
    st.sampled_from([" ", "\n", ",", "，", "\r\n", "\t", "、", "; "]),
)
def test_a_pasted_list_is_its_numbers_in_order(numbers: list[str], apart: str) -> None:
    assert pickups.split_numbers(apart.join(numbers)) == list(dict.fromkeys(numbers))


def test_a_pasted_list_loses_what_sheets_put_around_numbers() -> None:
    assert pickups.split_numbers("'75330000000001\nyt1234567890123 ７５33\n\n") == [
        "75330000000001", "YT1234567890123", "7533",
    ]  # fmt: skip


# ---- what belongs on a manifest ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    number: str = "2700"
    status: str = "awaiting_shipment"
    refund_status: str = "none"
    refund_amount: Decimal = Decimal(0)
    paid_amount: Decimal = Decimal(10)
    line_refunding: bool = False
    receiver_key: str = "k"
    label_key: str = "k"
    label_state: str = "printed"
    waybill: str = "7533"


@dataclass(frozen=True)
class One:
    waybill: str = "7533"
    carrier: str = "ZTO"
    contract_id: int | None = 7
    gone: bool = False
    handed_over_at: datetime | None = None
    listed_in: int | None = None
    orders: Sequence[Facts] = field(default_factory=lambda: (Facts(),))


def why(**parts: Any) -> str:
    sent: Sent = One(**parts)
    found = pickups.why_not_listed(sent, pickup_id=1, contract_id=7, carrier="ZTO")
    return found.code if found else ""


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, ""),
        ({"listed_in": 1}, ""),
        ({"contract_id": None}, ""),
        ({"carrier": ""}, "manifest_unknown"),
        ({"carrier": "", "gone": True}, "label_voided"),
        ({"carrier": "YTO", "contract_id": 8}, "manifest_other_carrier"),
        ({"contract_id": 8}, "manifest_other_contract"),
        ({"handed_over_at": datetime(2026, 3, 2, tzinfo=UTC)}, "manifest_handed_over"),
        ({"listed_in": 2}, "manifest_elsewhere"),
        ({"orders": (Facts(), Facts(refund_status="requested"))}, "refund_in_progress"),
        ({"orders": (Facts(status="closed"),)}, "order_closed"),
        ({"orders": (Facts(receiver_key="other"),)}, "receiver_changed"),
        ({"orders": (Facts(status="shipped", label_state="shipped"),)}, ""),
        ({"orders": (Facts(status="shipped", label_state="shipped", refund_status="agreed"),)}, "refund_in_progress"),
    ],
)
def test_what_does_not_belong_is_refused_by_name(parts: dict[str, Any], code: str) -> None:
    assert why(**parts) == code


@given(listed=st.integers(0, 10_000), counted=st.integers(0, 10_000))
def test_only_the_listed_count_is_signed(listed: int, counted: int) -> None:
    found = pickups.count_problem(listed, counted)
    assert (found is None) == (listed == counted and listed > 0)
    if found and listed:
        assert (found.data["listed"], found.data["counted"]) == (listed, counted)
