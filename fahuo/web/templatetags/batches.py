"""What a batch is called in templates."""

from typing import Final

from django import template
from django.utils.translation import gettext_lazy

register = template.Library()

WORDS: Final = {
    "orders": gettext_lazy("导入订单"), "shipments": gettext_lazy("批量发货"), "urges": gettext_lazy("登记催促"),
    "numbers": gettext_lazy("单号入库"), "skus": gettext_lazy("商品资料"), "route_marks": gettext_lazy("大头笔和三段码"),
    "tariffs": gettext_lazy("运费表"),
}  # fmt: skip


@register.filter
def batch_word(kind: str) -> str:
    """What people read for a kind of batch."""
    return str(WORDS[kind])
