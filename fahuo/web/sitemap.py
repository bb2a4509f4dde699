"""The shop's pages by all their names, those of older seller backends with them, so that a search for one finds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from fahuo.rules.people import Actor

SHORTEST: Final = 2
"""Characters of a search that may mean a page."""


@dataclass(frozen=True, slots=True)
class Named:
    """One page: its route, name and place in the menus that sellers know, who may see it, and its other names."""

    view: str
    name: str | Promise
    place: str | Promise
    act: str = ""
    others: tuple[str, ...] = ()
    query: str = ""


NAMED: Final[Sequence[Named]] = (
    Named("tasks", gettext_lazy("平台售后任务"), gettext_lazy("客服 → 售后任务"), "view_tasks",
          ("售后任务", "平台任务", "催发货任务", "客服平台任务", "待办任务", "服务待办", "任务中心", "催发货", "after-sales tasks",
           "urge tasks")),
    Named("orders", gettext_lazy("催发货订单"), gettext_lazy("交易 → 已卖出的宝贝 → 催发货"), "view_orders",
          ("催发货", "被催的订单", "催单", "urged orders"), "urged=1"),
    Named("orders", gettext_lazy("已卖出的宝贝"), gettext_lazy("交易 → 已卖出的宝贝"), "view_orders",
          ("订单管理", "待发货", "等待发货", "我的订单", "sold items", "orders")),
    Named("batches", gettext_lazy("批量发货"), gettext_lazy("交易 → 物流管理 → 发货"), "view_orders",
          ("发货", "物流管理", "批量导入发货", "联想单号", "连号发货", "bulk shipping", "ship")),
    Named("print-jobs", gettext_lazy("打印任务"), gettext_lazy("打印 → 打印任务"), "view_labels",
          ("打印", "打印队列", "批量打印", "打单", "打印快递单", "print jobs", "print queue")),
    Named("labels", gettext_lazy("面单"), gettext_lazy("打印 → 面单"), "view_labels",
          ("电子面单", "快递单", "快递面单", "补打", "作废面单", "labels", "reprint")),
    Named("printers", gettext_lazy("打印机"), gettext_lazy("打印 → 打印机"), "manage_printers",
          ("打印机设置", "测试页", "菜鸟打印组件", "打印组件", "热敏打印机", "printers")),
    Named("label-templates", gettext_lazy("面单模板"), gettext_lazy("打印 → 面单模板"), "manage_printers",
          ("快递单模板", "打印模板", "模板", "label templates")),
    Named("contracts", gettext_lazy("快递合同"), gettext_lazy("发货 → 快递合同"), "view_contracts",
          ("电子面单", "单号库存", "电子面单余额", "单号", "网点", "面单余额", "买单号", "号段", "快递公司", "运费", "运费模板", "资费", "物流工具",
           "服务商设置", "contracts", "waybill stock", "freight")),
    Named("carrier-rules", gettext_lazy("选快递规则"), gettext_lazy("发货 → 快递合同 → 选快递规则"), "view_contracts",
          ("分配快递", "快递规则", "智能选快递", "匹配快递", "快递分配", "carrier rules", "choose a carrier")),
    Named("route-marks", gettext_lazy("大头笔和三段码"), gettext_lazy("发货 → 快递合同 → 大头笔和三段码"), "view_contracts",
          ("大头笔", "三段码", "集包地", "分拣码", "route marks", "route code")),
    Named("skus", gettext_lazy("商品资料"), gettext_lazy("发货 → 快递合同 → 商品资料"), "view_contracts",
          ("货位", "库位", "条码", "商品重量", "克重", "商家编码", "SKU", "goods", "barcodes", "shelves")),
    Named("alerts", gettext_lazy("物流预警"), gettext_lazy("交易 → 物流管理 → 物流预警"), "view_orders",
          ("物流异常", "未揽收", "揽收超时", "停滞", "重复单号", "虚假发货", "缺货", "alerts", "watchdogs")),
    Named("packing", gettext_lazy("先打包哪些"), gettext_lazy("首页 → 先打包哪些"), "view_orders",
          ("打包", "打包顺序", "拣货", "packing")),
    Named("station", gettext_lazy("打包台"), gettext_lazy("打包台"), "pack",
          ("打包", "验货", "称重", "扫描打包", "扫码打包", "扫描发货", "电子秤", "复核", "station", "scan", "weigh", "pack")),
    Named("station-codes", gettext_lazy("指令条码"), gettext_lazy("打包台 → 指令条码"), "pack",
          ("条码指令", "扫码枪", "命令条码", "command barcodes")),
    Named("pickups", gettext_lazy("揽收交接"), gettext_lazy("打包台 → 揽收交接"), "view_labels",
          ("揽收", "上门揽收", "上门取件", "约快递", "交接单", "交接", "快递交接", "取件", "pickup", "manifest", "handover")),
    Named("pickups-left", gettext_lazy("没交出去的"), gettext_lazy("打包台 → 揽收交接 → 没交出去的"), "view_labels",
          ("漏发", "漏发检查", "未揽收", "打印未发", "已打印未发货", "left behind", "not handed over")),
    Named("ledger", gettext_lazy("投诉与赔付"), gettext_lazy("客服 → 投诉管理"), "view_ledger",
          ("投诉", "投诉管理", "赔付", "违约金", "赔付红包", "违规扣分", "扣分", "违规", "体检中心", "complaints", "compensation",
           "violation points")),
    Named("talks", gettext_lazy("对话"), gettext_lazy("客服 → 接待"), "send_messages",
          ("旺旺", "聊天", "买家消息", "接待", "客户服务", "继续联系卖家", "消息", "messages", "chat")),
    Named("texts", gettext_lazy("常用回复"), gettext_lazy("客服 → 快捷短语"), "send_messages",
          ("快捷短语", "快捷回复", "saved texts", "quick replies")),
    Named("talks-automatic", gettext_lazy("自动回复"), gettext_lazy("客服 → 接待 → 自动回复"), "send_messages",
          ("自动回复设置", "机器人", "离线回复", "automatic reply")),
    Named("urges", gettext_lazy("登记催促"), gettext_lazy("客服 → 售后任务 → 登记催促"), "enter_urges",
          ("催促", "外部平台", "录入催促", "录入任务", "导入催发货", "enter urges")),
    Named("reports", gettext_lazy("延迟发货报备"), gettext_lazy("交易 → 延迟发货报备"), "report_delays",
          ("报备", "延迟报备", "发货报备", "异常报备", "delay reports")),
    Named("notices", gettext_lazy("消息提醒"), gettext_lazy("消息中心"), "view_tasks",
          ("提醒", "通知", "消息中心", "待办通知", "reminders", "notices")),
    Named("subscription", gettext_lazy("消息订阅"), gettext_lazy("消息订阅 → 店铺 → 待办通知 → 弹窗提醒"), "view_tasks",
          ("弹窗提醒", "订阅", "消息提醒设置", "钉钉", "企业微信", "飞书", "subscription", "popups")),
    Named("metrics", gettext_lazy("数据"), gettext_lazy("数据 → 客服与发货"), "view_orders",
          ("响应时长", "人工平均响应时长", "3分钟响应率", "揽收率", "及时揽收率", "生意参谋", "客服数据", "metrics", "figures")),
    Named("people", gettext_lazy("子账号管理"), gettext_lazy("店铺 → 子账号管理"), "manage_people",
          ("子账号", "员工", "权限", "客户服务平台权限", "平台任务权限", "people", "permissions")),
    Named("couriers", gettext_lazy("快递员账号"), gettext_lazy("店铺 → 子账号管理 → 快递员账号"), "manage_couriers",
          ("快递员", "快递小哥", "揽收员", "couriers", "courier accounts")),
    Named("import", gettext_lazy("导入订单"), gettext_lazy("交易 → 导入"), "import_orders",
          ("导入", "订单导入", "批量导出", "import")),
    Named("shop-rules", gettext_lazy("发货与售后规则"), gettext_lazy("店铺 → 规则"), "view_orders",
          ("规则", "规则中心", "平台规则", "rules", "rule book")),
    Named("marketplaces", gettext_lazy("平台接入"), gettext_lazy("店铺 → 设置 → 平台接入"), "view_orders",
          ("淘宝", "天猫", "接入", "同步", "订单同步", "店铺授权", "授权", "WooCommerce", "marketplaces", "sync")),
    Named("gateway-apps", gettext_lazy("淘宝兼容接口"), gettext_lazy("店铺 → 设置 → 淘宝兼容接口"), "configure_shop",
          ("App Key", "应用", "开放平台", "TOP", "网关", "gateway", "apps")),
    Named("machines", gettext_lazy("接口"), gettext_lazy("店铺 → 设置 → 接口"), "manage_machines",
          ("API", "API 密钥", "密钥", "开放接口", "接口文档", "webhook", "回调", "ERP", "对接", "api keys", "webhooks")),
    Named("carrier-accounts", gettext_lazy("快递接口"), gettext_lazy("店铺 → 设置 → 快递接口"), "view_orders",
          ("电子面单", "快递账号", "丰桥", "顺丰接口", "快递100", "快递鸟", "菜鸟电子面单", "物流轨迹", "月结", "carriers",
           "carrier accounts", "tracking")),
    Named("settings", gettext_lazy("店铺设置"), gettext_lazy("店铺 → 设置"), "configure_shop",
          ("设置", "店铺信息", "发货地址", "地址库", "运单模板", "settings")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A page that a search means."""

    name: str
    place: str
    url: str


def pages(text: str, actor: Actor, code: str) -> list[Found]:
    """The shop's pages that `text` names, whole or in part, and that the account may see."""
    wish = "".join(text.lower().split())
    if len(wish) < SHORTEST:
        return []
    found = []
    for page in NAMED:
        names = [str(page.name), str(page.place), *page.others]
        if any(wish in "".join(name.lower().split()) for name in names) and (not page.act or actor.may(page.act)):
            try:
                url = reverse(page.view, kwargs={"shop": code})
            except NoReverseMatch:
                continue
            query = f"?{page.query}" if page.query else ""
            found.append(Found(str(page.name), str(page.place), url + query))
    return found
