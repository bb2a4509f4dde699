"""Sending to the outside: every kind of channel to a service on this machine, and what may not be reached."""

import email
import email.policy
from threading import Event
from urllib.parse import parse_qs, urlsplit

import pytest

from fahuo.connectors.notify import sender
from fahuo.connectors.notify.addresses import inside, private
from fahuo.connectors.notify.sender import Message
from tests.connectors.sinks import Post, Web, running

TITLE, BODY = (
    "发货台：催发货任务待处理",
    "兰草小铺：订单 3001900000000001 催发货，请回复买家，还剩 3 小时 12 分。\n宝贝：100% 竹编 & 茶则",
)


def message(number: int, kind: str, **settings: str) -> Message:
    return Message(number, kind, settings, TITLE, BODY)


def test_every_kind_reaches_its_service() -> None:
    with running(Web()) as web, running(Post()) as post:
        asked = [
            message(1, "dingtalk", token="abc1", secret="SECabc1", gateway=web.address),
            message(2, "wecom", token="k-2", gateway=web.address + "/"),
            message(3, "feishu", token="t-3", gateway=web.address),
            message(4, "webhook", address=f"{web.address}/in/task%20s?x=1&y=2", token="secret%41"),
            message(5, "email", to="kefu@example.com", host="127.0.0.1", port=str(post.port), security="none", sender="desk@example.com"),
        ]  # fmt: skip
        assert sender.send(asked, private=True) == dict.fromkeys(range(1, 6), "")
        posts = {urlsplit(path).path: (path, headers, body) for path, headers, body in web.posts}
    path, _, body = posts["/robot/send"]
    query = parse_qs(urlsplit(path).query)
    assert query["access_token"] == ["abc1"]
    assert len(query["timestamp"]) == 1
    assert query["sign"][0].endswith("="), "quoted once, not twice"
    assert (body["msgtype"], body["text"]["content"]) == ("text", f"{TITLE}\r\n{BODY}")
    path, _, body = posts["/cgi-bin/webhook/send"]
    assert (parse_qs(urlsplit(path).query)["key"], body["text"]["content"]) == (["k-2"], f"{TITLE}\r\n{BODY}")
    assert posts["/open-apis/bot/v2/hook/t-3"][2]["content"]["text"] == f"{TITLE}\r\n{BODY}"
    path, headers, body = posts["/in/task%20s"]
    assert (urlsplit(path).query, headers["Authorization"]) == ("x=1&y=2", "Bearer secret%41")
    assert (body["title"], body["message"]) == (TITLE, BODY)
    ((mail_from, to, text),) = post.mails
    mail = email.message_from_string(text, policy=email.policy.default)
    assert (mail_from.split(":")[1].split()[0], to) == ("<desk@example.com>", "rcpt TO:<kefu@example.com>")
    assert str(mail["Subject"]) == TITLE
    body_part = mail.get_body(("plain",))
    assert body_part is not None
    assert BODY in body_part.get_content().replace("\r\n", "\n")


def test_what_goes_wrong_is_named() -> None:
    with running(Web()) as web, running(Post()) as post:
        web.answer = (200, {"errcode": 310000, "errmsg": "keywords not in content"})
        mail = {
            "to": "a@example.com",
            "host": "127.0.0.1",
            "port": str(post.port),
            "security": "none",
            "sender": "b@example.com",
        }
        asked = [
            message(1, "dingtalk", token="abc", gateway=web.address),
            message(2, "webhook", address=web.address),
            message(3, "email", **mail, user="b@example.com", password="p%41"),
            message(4, "webhook", address="http://127.0.0.1:9/x"),
            message(5, "dingtalk", token="not a token"),
        ]  # fmt: skip
        assert sender.send(asked, private=True) == {
            1: "rejected:310000", 2: "", 3: "mail:535", 4: "no_connection", 5: "not_set_up",
        }  # fmt: skip
        web.answer, web.to = (302, {}), web.address + "/elsewhere"
        assert sender.send(asked[1:2], private=True) == {2: "http:302"}
        assert [path for path, _, _ in web.posts if path == "/elsewhere"] == [], "no redirect is followed"


def test_nothing_private_is_reached_whatever_it_is_called() -> None:
    with running(Web()) as web, running(Post()) as post:
        port = web.address.rpartition(":")[2]
        names = ("127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001")
        asked = [message(n, "webhook", address=f"http://{name}:{port}/") for n, name in enumerate(names)]
        asked.append(message(90, "dingtalk", token="abc", gateway=web.address))
        asked.append(
            message(
                91,
                "email",
                to="a@example.com",
                host="localhost",
                port=str(post.port),
                security="none",
                sender="b@example.com",
            )
        )
        got = sender.send(asked, private=False)
        assert set(got.values()) <= {"private_address", "no_connection", "failed"}
        assert [got[n] for n in (0, 1, 90, 91)] == ["private_address"] * 4
        assert (web.posts, post.mails) == ([], [])


def test_a_slow_service_is_left_after_the_limit_and_the_others_are_told() -> None:
    with running(Web()) as slow, running(Web()) as quick:
        slow.hold = Event()
        asked = [message(1, "webhook", address=slow.address), message(2, "webhook", address=quick.address)]
        assert sender.send(asked, private=True, seconds=2) == {1: "timeout", 2: ""}
        slow.hold.set()


@pytest.mark.parametrize(
    ("host", "there"),
    [("10.1.2.3", True), ("192.168.0.9", True), ("169.254.169.254", True), ("100.64.0.1", True), ("224.0.0.1", True),
     ("::1", True), ("fd00::1", True), ("::ffff:10.0.0.1", True), ("64:ff9b::a00:1", True), ("2002:a00:1::", True),
     ("8.8.8.8", False), ("2400:3200::1", False)],
)  # fmt: skip
def test_private_numbers(host: str, there: bool) -> None:
    assert private(host) == there
    assert inside(host) == there


def test_private_names() -> None:
    assert all(
        inside(host) for host in ("localhost", "db", "printer.local", "x.internal", "127.1", "0x7f.1", "[::1]", "db.")
    )
    assert not any(inside(host) for host in ("oapi.dingtalk.com", "hooks.example.com"))
