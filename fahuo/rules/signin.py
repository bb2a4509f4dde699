"""How long a sign-in waits after wrong tries, and what may be typed as a second factor. Pure: the tables count, this decides.

Three counts stand side by side. Wrong tries for one account from one address wait longest: that is somebody guessing.
Wrong tries for an account from everywhere wait a little, so that many addresses together gain nothing, and a stranger
cannot keep the owner out. Wrong tries of one address over all accounts wait a little, too: an office is one address.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final, Literal

DEMO_PASSWORD: Final = "fahuo-demo"  # pragma: allowlist secret
"""Of every account of the demo. It is public, so it opens nothing where the demo is off."""


TRADE_WORDS: Final = (
    "fahuo", "发货", "taobao", "淘宝", "tmall", "tianmao", "天猫", "qianniu", "千牛", "alibaba", "cainiao", "菜鸟", "kuaidi", "快递",
    "wuliu", "物流", "dingdan", "订单", "order", "dianpu", "店铺", "shop", "store", "kefu", "客服", "cangku", "仓库", "maijia",
    "卖家", "买家", "admin", "password", "mima", "密码", "shunfeng", "zhongtong", "yuantong", "yunda", "shentong", "jitu",
    "sfexpress", "express", "seller", "buyer", "woaini", "wo", "ai", "de", "my", "the",
)  # fmt: skip
"""What people of this trade put a year behind and call a password (OWASP ASVS 5.0, 6.2.11)."""


def is_obvious(password: str) -> bool:
    """Whether nothing but words of the trade, digits and signs stands in it."""
    left = "".join(letter for letter in password.casefold() if letter.isalpha())
    for word in sorted(TRADE_WORDS, key=len, reverse=True):
        left = left.replace(word, "")
    return not left and any(letter.isalpha() for letter in password)


@dataclass(frozen=True, slots=True)
class Backoff:
    """`free` wrong tries cost nothing; the next costs `first` seconds, each one after it twice as many, up to `most`. A
    count without a try for `forget` begins again."""

    free: int
    first: int
    most: int
    forget: timedelta

    def pause(self, tries: int) -> timedelta:
        """How long to wait after so many wrong tries."""
        beyond = tries - self.free
        if beyond <= 0:
            return timedelta()
        return timedelta(seconds=min(self.most, self.first * 2 ** min(beyond - 1, 20)))


Kind = Literal["pair", "account", "address", "second"]
BACKOFF: Final[dict[Kind, Backoff]] = {
    "pair": Backoff(free=5, first=5, most=900, forget=timedelta(hours=12)),
    "account": Backoff(free=20, first=2, most=30, forget=timedelta(hours=1)),
    "address": Backoff(free=40, first=2, most=60, forget=timedelta(hours=1)),
    "second": Backoff(free=5, first=10, most=900, forget=timedelta(hours=12)),
}
"""What is counted -> how it waits: account and address together, the account, the address, codes of a second factor."""

FRESH: Final = timedelta(minutes=15)
"""A password (or passkey) this old is asked for again before what gives power away: keys, people, second factors."""
FRESH_EXPORT: Final = timedelta(hours=8)
"""The same for a sheet of personal data: once a shift."""
CHALLENGE: Final = timedelta(minutes=5)
"""How long a question to a passkey, or the second step of a sign-in, may be answered."""
STEP: Final = 30
"""Seconds of one code of an authenticator app (RFC 6238)."""
CODES: Final = 10
"""Recovery codes of a person."""
PASSKEYS: Final = 10
"""Passkeys of a person, at most."""
TOTP: Final = re.compile(r"[0-9]{6}")
RECOVERY: Final = re.compile(r"[a-hjkmnp-z2-9]{16}")


def step_of(now: datetime) -> int:
    """The number of the interval that an authenticator app counts at `now`."""
    return int(now.timestamp()) // STEP


def steps_around(now: datetime) -> Sequence[int]:
    """The intervals whose code is taken: this one, the one before and the one after, for clocks that differ a little."""
    here = step_of(now)
    return (here, here - 1, here + 1)


def typed(text: str) -> tuple[Literal["totp", "recovery", ""], str]:
    """What somebody typed as a second factor, without blanks and hyphens, and which kind it looks like."""
    code = re.sub(r"[\s-]", "", text).lower()
    if TOTP.fullmatch(code):
        return "totp", code
    return ("recovery" if RECOVERY.fullmatch(code) else ""), code


def neighbourhood(address: str) -> str:
    """What counts as one address: an IPv4 address itself, of IPv6 the /64 that one subscriber gets; "" as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ip_network((int(found), 64), strict=False).network_address)
    return str(getattr(found, "ipv4_mapped", None) or found)
