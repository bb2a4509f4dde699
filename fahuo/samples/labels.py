"""Sample labels, one for every carrier: made-up people at made-up addresses, with what makes labels hard."""

from collections.abc import Iterator
from typing import Final

from fahuo.rules.carriers import CARRIERS
from fahuo.rules.labels import Goods, LabelData, Party

SENDER: Final = Party(
    "蓝草生活发货部", "0571-88990011", "浙江省", "杭州市", "西湖区", "样例路 8 号示例产业园 3 栋 2 层"
)
_RECEIVERS: Final = (
    Party("周知夏", "13812345678", "江苏省", "苏州市", "吴中区", "示范街 21 号样板花园 6 栋 2 单元 1103 室"),
    Party("欧阳望舒", "15900001234", "上海市", "上海市", "浦东新区", "测试大道 1288 弄云上新城 17 号 402 室"),
    Party("𠮷野千鹤", "18688886666-1234", "广东省", "广州市", "天河区", "星河路 66 号示例苑 A 座 25 楼 2508 房（放快递柜）"),
    Party("买买提·样例江", "13999990000", "新疆维吾尔自治区", "巴音郭楞蒙古自治州", "和静县", "云台街道青麦小区 3 栋 1 单元 501 室，送到小区北门口的示例便民超市代收，电话联系"),
    Party("䶮㙍", "17700008888", "北京市", "北京市", "朝阳区", "花影巷 9 号院 12 号楼 3 单元 701"),
    Party("Anna Example", "13612340000", "四川省", "成都市", "武侯区", "South Sample Road 100, Building B, Room 1205 南山里 100 号 B 座 1205"),
)  # fmt: skip
_GOODS: Final = (
    (Goods("手工陶瓷马克杯 350ml 办公室家用", "米白", 2),),
    (Goods("竹编收纳篮 三件套 客厅零食筐", "中号"), Goods("桂花乌龙茶 罐装 冷泡茶", "250g", 3)),
    (
        Goods("亚麻桌布 防水防油 餐桌茶几", "140*200cm 灰绿"), Goods("纯棉帆布袋 大容量 通勤单肩", "黑色", 10),
        Goods("实木砧板 整木 加厚 双面", "34*24cm"), Goods("香薰蜡烛 礼盒装 白茶雪松", "四只礼盒", 2),
        Goods("手工陶瓷马克杯 350ml 办公室家用", "黛蓝"), Goods("手工陶瓷马克杯 350ml 办公室家用", "墨绿", 4),
        Goods("竹编收纳篮 三件套 客厅零食筐", "小号", 2), Goods("桂花乌龙茶 罐装 冷泡茶", "100g"),
    ),
)  # fmt: skip
_ROUTES: Final = (
    ("512-081-00 052", "苏州", "苏南枢纽", "512A"),
    ("210-W3 18-016", "浦东", "上海转运中心", "210S"),
    ("020-F7-22 103", "广州天河", "华南枢纽", "020B"),
    ("991-K12-04 007", "库尔勒", "乌鲁木齐分拨", "991"),
    ("010-C5-31 066", "北京朝阳", "京东南枢纽", "010E"),
    ("028-A2-15 041", "成都武侯", "成都转运中心", "028A"),
)
_MEMOS: Final = ("", "送一张贺卡，写“生日快乐”；易碎，多垫一层气泡膜", "", "改红色 联系 13812345678 后再发")


def sample_labels(code: str = "") -> Iterator[LabelData]:
    """A label of every carrier that numbers parcels, or of one alone; nothing for a code that is none."""
    carriers = [carrier for carrier in CARRIERS.values() if carrier.shapes and code in ("", carrier.code)]
    for place, carrier in enumerate(carriers):
        yield sample_label(carrier.code, place)


def sample_label(code: str, place: int) -> LabelData:
    """The label number `place` of a carrier: the same place always gives the same label."""
    route_code, mark, hub_name, hub_code = _ROUTES[place % len(_ROUTES)]
    routed = place % 7 != 6
    return LabelData(
        carrier=code,
        waybill=CARRIERS[code].shapes[0].sample,
        receiver=_RECEIVERS[place % len(_RECEIVERS)],
        sender=SENDER,
        route_code=route_code if routed else "",
        mark=mark,
        hub_name=hub_name if routed else "",
        hub_code=hub_code if routed else "",
        product="标准快递" if place % 3 else "特快",
        goods=_GOODS[place % len(_GOODS)],
        memo=_MEMOS[place % len(_MEMOS)],
        orders=("3100000000343070295",) if place % 2 == 0 else ("3100000000343070311", "3100000000343070329"),
        shop="蓝草生活",
        piece=1 + place % 2,
        pieces=1 + place % 2,
        printed_at="2026-11-26 15:30:08",
        reprint=place % 3 // 2,
        buyer_message="麻烦尽快发货，谢谢" if place % 4 > 1 else "",
    )
