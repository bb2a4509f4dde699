"""The demo's last weeks as data: who bought what, who urged, what was answered, what was said and when it was scanned.

Times are hours before the moment at which the demo is loaded. All names are made up.
"""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

MINE: Final = "林间"
"""The buyer that the account `maijia` is."""
OTHER: Final = "清河"
"""The buyer that the account `maijia2` is."""
DAYS: Final = 30
"""Days of everyday work before today."""


@dataclass(frozen=True, slots=True)
class Act:
    """What happened `ago` hours before now. `what` names a step of the player; `words` and `hours` are its arguments."""

    ago: float
    what: str
    words: str = ""
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One order of the demo and what happened to it; paid `paid` hours ago."""

    buyer: str
    title: str
    price: Decimal
    paid: float
    acts: tuple[Act, ...] = ()
    shop: str = "lancao"


@dataclass(frozen=True, slots=True)
class Everyday:
    """An order of the last month: hours after its payment until it was shipped and scanned, and what was asked about it.

    `scanned` 0: the carrier never scanned it. `talks`: (hours after payment, words, seconds to the answer or 0: none).
    """

    buyer: str
    title: str
    price: Decimal
    paid: float
    shipped: float
    scanned: float
    talks: tuple[tuple[float, str, int], ...]


GOODS: Final = (
    ("手工陶瓷马克杯 350ml", "59.00"), ("亚麻桌布 防水防油", "128.00"), ("桂花乌龙茶 250g", "88.50"),
    ("实木折叠椅 两把装", "699.00"), ("竹编收纳篮 大号", "46.00"), ("羊毛盖毯 150×200cm", "268.00"),
)  # fmt: skip
BUYERS: Final = ("云上", "半夏", "南枝", "青梧", "晚舟", "松间", "听雨", "拾光")


def _story(buyer: str, goods: int, paid: float, *acts: Act, shop: str = "lancao") -> Story:
    title, price = GOODS[goods]
    return Story(buyer, title, Decimal(price), paid, acts, shop)


STORIES: Final = (
    # what the buyer of the demo may try at once
    _story(MINE, 0, 74, Act(50, "say", "请问什么时候能发货？"), Act(49.9, "answer", "亲，正在安排，会尽快发出。")),
    _story(MINE, 2, 2),
    _story(MINE, 5, 96, Act(20, "urge"), Act(18, "later", "师傅请假两天，后天一定发，送您一份小礼物。", 48)),
    _story(MINE, 1, 200, Act(150, "urge"), Act(140, "ship"), Act(138, "scan"), shop="zhuli"),
    # tasks that wait for the seller, from hours to minutes
    _story("云上", 3, 80, Act(5, "urge"), Act(4.8, "say", "已经超过时间了，到底发不发？")),
    _story("半夏", 5, 78, Act(12, "urge"), Act(11, "urge")),
    _story("南枝", 1, 101, Act(22.6, "urge"), Act(9, "card"), Act(1.2, "card")),
    _story("青梧", 2, 76, Act(1.5, "urge")),
    _story("晚舟", 4, 90, Act(17, "urge"), Act(16, "say", "麻烦今天发出来")),
    _story("松间", 3, 82, Act(8, "urge"), shop="zhuli"),
    _story("听雨", 0, 77, Act(3, "urge"), shop="zhuli"),
    # plans: waiting for the buyer, agreed, refused
    _story("拾光", 1, 98, Act(15, "urge"), Act(13, "exchange", "同款白色缺货，给您换成灰色可以吗？")),
    _story("云上", 4, 110, Act(44, "urge"), Act(40, "later", "明天发，抱歉久等。", 60), Act(38, "accept")),
    _story(OTHER, 5, 120, Act(60, "urge"), Act(50, "later", "三天内发。", 72), Act(47, "refuse", "不等了，请平台处理")),
    _story("半夏", 0, 100, Act(30, "urge"), Act(29, "cannot", "这款停产了，给您全额退款。")),
    # silence: the platform complained for the buyer
    _story("南枝", 5, 130, Act(52, "urge"), Act(27, "evidence", "仓库盘点，漏看了消息，已经联系快递。")),
    _story("青梧", 3, 150, Act(70, "urge"), Act(40, "evidence", "厂家延期，附上厂家通知的文字说明。")),
    # what is over: upheld, dismissed, settled, withdrawn, shipped, refunded
    _story("晚舟", 3, 300, Act(240, "urge"), Act(180, "uphold", "卖家超过 24 小时没有回复，投诉成立。"), Act(170, "ship"),
           Act(165, "scan")),
    _story("松间", 1, 280, Act(200, "urge"), Act(150, "dismiss", "卖家已在期限内交给快递，投诉不成立。"), Act(149, "ship"),
           Act(147, "scan")),
    _story("听雨", 5, 260, Act(190, "urge"), Act(160, "settle"), Act(158, "ship"), Act(150, "scan")),
    _story("拾光", 2, 240, Act(180, "urge"), Act(150, "withdraw"), Act(149, "ship"), Act(140, "scan")),
    _story(OTHER, 2, 220, Act(160, "urge"), Act(155, "ship"), Act(150, "scan"), Act(60, "receive")),
    _story("云上", 0, 200, Act(140, "urge"), Act(138, "ask_refund", "不想要了"), Act(130, "agree_refund"),
           Act(129, "refund")),
    _story("半夏", 4, 54, Act(5, "ask_refund", "拍错了，想退款")),
)  # fmt: skip

ASKED: Final = ("今天能发吗？", "可以改地址吗？", "有优惠券吗？", "发什么快递？", "大概几天能到？", "能开发票吗？")
ANSWERED: Final = ("亲，今天下午就发。", "可以的，请把新地址发给我。", "已为您备注。", "发中通，三天左右到。")


def everyday(seed: int = 11) -> list[Everyday]:
    """Some orders a day of the last month, most of them in time; the same for the same seed."""
    chance = Random(seed)  # a sample, not a secret
    found = []
    for day in range(DAYS, 2, -1):
        for _ in range(chance.randint(2, 5)):
            title, price = chance.choice(GOODS)
            shipped = chance.choice((6.0, 10.0, 20.0, 26.0, 30.0, 44.0, 52.0))
            scanned = 0.0 if chance.random() < 0.04 else shipped + chance.choice((1.0, 3.0, 9.0))
            talks = tuple(
                (
                    chance.uniform(0.5, 5.0),
                    chance.choice(ASKED),
                    chance.choice((12, 25, 40, 70, 110, 160, 400, 1500, 0)),
                )
                for _ in range(chance.choice((0, 0, 1, 2)))
            )
            paid = day * 24 + chance.uniform(-6.0, 6.0)
            found.append(Everyday(chance.choice(BUYERS), title, Decimal(price), paid, shipped, scanned, talks))
    return found
