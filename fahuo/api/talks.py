"""Conversations: listed, read, answered; and the texts kept for them."""

from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import talks as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.told import listed, order_id, shaped
from fahuo.rules.problems import Refusal
from fahuo.services import messages, saved_texts
from fahuo.store import boards
from fahuo.store.boards import talks as board


@serves(shapes.LIST_TALKS)
def list_talks(call: Call[shapes.TalkQuery, Any]) -> Listed[shapes.TalkOut]:
    asked = call.query
    page = board.talks_page(call.shop_id, tab=asked.tab, text=asked.text or "", cursor=asked.cursor, limit=asked.limit)
    return listed(page, lambda row: shaped(row, shapes.TalkOut))


@serves(shapes.GET_TALK)
def get_talk(call: Call[Nothing, Any]) -> shapes.ConversationOut:
    found = order_id(call)
    talk = board.talk(call.shop_id, found)
    if talk is None:
        raise Refusal.of("order_unknown", order=call.parts["number"])
    said = [shaped(row, shapes.MessageOut) for row in boards.conversation(call.shop_id, found)]
    return shapes.ConversationOut(talk.number, talk.waiting_since, talk.unread, said)


@serves(shapes.SEND)
def send_message(call: Call[Nothing, shapes.MessageIn]) -> MadeOut:
    sent = call.body
    return MadeOut(
        messages.send(call.actor, order_id(call), body=sent.body, now=call.now, automatic=sent.automatic)
    )  # fmt: skip


@serves(shapes.SEE)
def see_talk(call: Call[Nothing, shapes.UntilIn]) -> Done:
    return Done(messages.see(call.actor, order_id(call), until=call.body.until))


@serves(shapes.REST)
def rest_talk(call: Call[Nothing, shapes.UntilIn]) -> Done:
    return Done(messages.rest(call.actor, order_id(call), until=call.body.until, now=call.now))


@serves(shapes.LIST_TEXTS)
def list_texts(call: Call[Nothing, Any]) -> shapes.TextsOut:
    return shapes.TextsOut([shaped(row, shapes.TextOut) for row in saved_texts.of_shop(call.shop_id)])


@serves(shapes.KEEP_TEXT)
def keep_text(call: Call[Nothing, shapes.TextIn]) -> MadeOut:
    return MadeOut(saved_texts.keep(call.actor, title=call.body.title, body=call.body.body, now=call.now))


@serves(shapes.DROP_TEXT)
def drop_text(call: Call[Nothing, Any]) -> Done:
    return Done(saved_texts.drop(call.actor, call.parts["text_id"], now=call.now))
