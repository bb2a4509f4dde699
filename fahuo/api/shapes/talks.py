"""Conversations with buyers, and the texts that a shop keeps for them."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.orders import AN_ORDER


class TalkQuery(Paged, kw_only=True):
    """Conversations that wait for an answer, or all. `text`: an order's number, or a buyer's name, whole."""

    tab: Literal["waiting", "all"] = "waiting"
    text: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class TalkOut(Struct):
    """A conversation: who wrote last what, since when the buyer waits for a person. The buyer is masked."""

    number: str
    buyer: str
    title: str
    order_status: str
    unread: int
    waiting_since: datetime | None
    last_at: datetime
    sender: str
    kind: str
    body: str
    task_id: int | None
    due_at: datetime | None


class MessageOut(Struct):
    """A message: of the buyer or the seller; `kind` message, card (继续联系卖家) or auto."""

    id: int
    at: datetime
    sender: str
    name: str
    kind: str
    body: str


class ConversationOut(Struct):
    """The newest 200 messages over an order, oldest first."""

    number: str
    waiting_since: datetime | None
    unread: int
    messages: list[MessageOut]


class MessageIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A message to the buyer. `automatic`: nobody wrote it; it does not stop the clock of the response time."""

    body: Annotated[str, Meta(min_length=1, max_length=2000)]
    automatic: bool = False


class UntilIn(Struct, forbid_unknown_fields=True):
    """The last message that was seen."""

    until: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class TextOut(Struct):
    """A text that the shop keeps."""

    id: int
    title: str
    body: str


class TextsOut(Struct):
    """The shop's texts, in their order."""

    rows: list[TextOut]


class TextIn(Struct, forbid_unknown_fields=True):
    """A text under its title."""

    title: Annotated[str, Meta(min_length=1, max_length=40)]
    body: Annotated[str, Meta(min_length=1, max_length=2000)]


_PATH = {"number": AN_ORDER}

LIST_TALKS = Operation(
    name="list_talks", method="GET", path="/talks", noun="messages", act="send_messages", zh="对话列表",
    en="List conversations", query=TalkQuery, body=Nothing, out=Listed[TalkOut], asks={"tab": "waiting"},
    gets=Listed([TalkOut(AN_ORDER, "林*", "手工皂 三块装", "awaiting_shipment", 1, AN_INSTANT, AN_INSTANT, "buyer", "message", "什么时候发货？", 9001, AN_INSTANT)]),
)  # fmt: skip
GET_TALK = Operation(
    name="get_talk", method="GET", path="/orders/{number}/messages", noun="messages", act="send_messages", zh="一段对话",
    en="The conversation over an order", query=Nothing, body=Nothing, out=ConversationOut, parts=_PATH,
    missing=("order_unknown",),
    gets=ConversationOut(AN_ORDER, AN_INSTANT, 1, [MessageOut(1, AN_INSTANT, "buyer", "", "message", "什么时候发货？")]),
)  # fmt: skip
SEND = Operation(
    name="send_message", method="POST", path="/orders/{number}/messages", noun="messages", act="send_messages",
    zh="给买家发消息", en="Write to the buyer", query=Nothing, body=MessageIn, out=MadeOut, status=201, parts=_PATH,
    missing=("order_unknown",), sends=MessageIn("今天 18 点前发出"), gets=MadeOut(2),
)  # fmt: skip
SEE = Operation(
    name="see_talk", method="POST", path="/orders/{number}/messages/seen", noun="messages", act="send_messages", zh="标为已读",
    en="Note that a conversation was seen", query=Nothing, body=UntilIn, out=Done, parts=_PATH, missing=("order_unknown",),
    sends=UntilIn(1), gets=Done(),
)  # fmt: skip
REST = Operation(
    name="rest_talk", method="POST", path="/orders/{number}/messages/rested", noun="messages", act="send_messages",
    zh="不用回复", en="Note that the buyer's last word needs no answer", query=Nothing, body=UntilIn, out=Done, parts=_PATH,
    missing=("order_unknown",), sends=UntilIn(1), gets=Done(),
)  # fmt: skip
LIST_TEXTS = Operation(
    name="list_texts", method="GET", path="/texts", noun="messages", act="send_messages", zh="快捷短语", en="List kept texts",
    query=Nothing, body=Nothing, out=TextsOut, gets=TextsOut([TextOut(1, "今天发", "亲，今天 18 点前发出")]),
)  # fmt: skip
KEEP_TEXT = Operation(
    name="keep_text", method="POST", path="/texts", noun="messages", act="send_messages", zh="保存短语", en="Keep a text",
    query=Nothing, body=TextIn, out=MadeOut, status=201, sends=TextIn("今天发", "亲，今天 18 点前发出"), gets=MadeOut(1),
)  # fmt: skip
DROP_TEXT = Operation(
    name="drop_text", method="DELETE", path="/texts/{text_id}", noun="messages", act="send_messages", zh="删除短语",
    en="Forget a text", query=Nothing, body=Nothing, out=Done, parts={"text_id": "1"}, gets=Done(),
)  # fmt: skip
