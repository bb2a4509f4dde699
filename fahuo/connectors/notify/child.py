"""The child process that sends: a JSON document on stdin, one line of JSON for each message on stdout as it is settled.

In: {"private": bool, "messages": [{"id", "kind", "settings", "title", "body"}]}. Out: {"id", "why"}; `why` is "" where the
service took the message. Why not: private_address, timeout, no_connection, tls, http:STATUS, rejected:CODE (the service
answered, and refused), mail:CODE, not_set_up, failed.

Whatever an address resolves to, and whatever redirects to where: the connection itself is refused when it would go to a
private network, at the moment it is made.
"""

import json
import logging
import smtplib
import socket
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import requests
from apprise import AppriseAsset
from apprise.common import NotifyFormat
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from fahuo.connectors.notify.guard import keep_out, said

AT_ONCE = 8
SECONDS = 5
"""To connect, and again for each answer."""


def listen_to_answers() -> None:
    """Note what services answer; the library itself says only whether it went well, and takes a refusal for success."""
    send, reply = requests.Session.send, smtplib.SMTP.getreply

    def noting(self: Any, request: Any, **options: Any) -> Any:
        try:
            answer = send(self, request, **options)
        except requests.RequestException as error:
            said.why = said.why or (
                "timeout" if isinstance(error, requests.Timeout)
                else "tls" if isinstance(error, requests.exceptions.SSLError) else "no_connection"
            )  # fmt: skip
            raise
        said.why = "" if answer.ok and not answer.is_redirect else f"http:{answer.status_code}"
        if not said.why and said.robot:
            code = _code(answer)
            said.why = f"rejected:{code}" if code else ""
        return answer

    def noting_reply(self: Any) -> Any:
        code, text = reply(self)
        if code >= 400:
            said.why = f"mail:{code}"
        return code, text

    requests.Session.send = noting
    smtplib.SMTP.getreply = noting_reply  # type: ignore[method-assign]


def _code(answer: requests.Response) -> int:
    """The code in a robot's answer, 0 when it took the message."""
    try:
        body = answer.json()
        return int(body.get("errcode") or body.get("code") or body.get("StatusCode") or 0)
    except (ValueError, AttributeError, TypeError):
        return 0


class DingTalk(NotifyDingTalk):  # type: ignore[misc]  # the library has no types
    """A signed robot. The library quotes the signature, and `requests` quotes it once more; one of them is enough."""

    def get_signature(self) -> tuple[str, str]:
        moment, signature = super().get_signature()
        return moment, unquote(signature)


def made(kind: str, fields: dict[str, str]) -> Any:
    """The library's object for a channel. Raises what the library raises for settings that cannot be."""
    common: dict[str, Any] = {"asset": AppriseAsset(app_id="Fahuo", http_redirects=False), "format": "text"}
    common |= {"cto": SECONDS, "rto": SECONDS}
    gateway = fields.get("gateway", "").rstrip("/")
    if kind == "dingtalk":
        found = DingTalk(token=fields["token"], secret=fields.get("secret") or None, **common)
        found.notify_url = f"{gateway}/robot/send?access_token={{token}}" if gateway else found.notify_url
    elif kind == "wecom":
        found = NotifyWeComBot(key=fields["token"], **common)
        found.api_url = f"{gateway}/cgi-bin/webhook/send?key={fields['token']}" if gateway else found.api_url
    elif kind == "feishu":
        found = NotifyFeishu(token=fields["token"], **common)
        found.notify_url = f"{gateway or 'https://open.feishu.cn'}/open-apis/bot/v2/hook/{{token}}"
    elif kind == "email":
        found = _mail(fields, common)
    else:
        found = _webhook(fields, common)
    return found


def _mail(fields: dict[str, str], common: dict[str, Any]) -> Any:
    mode = {"ssl": "ssl", "starttls": "starttls"}.get(fields.get("security", "ssl"), "insecure")
    default = {"ssl": 465, "starttls": 587, "insecure": 25}[mode]
    return NotifyEmail(
        smtp_host=fields["host"], host=fields["host"], port=int(fields.get("port") or default), secure_mode=mode,
        secure=mode != "insecure", from_addr=fields["sender"], targets=[fields["to"]],
        user=quote(fields.get("user", "")) or None, password=quote(fields.get("password", "")) or None, **common,
    )  # fmt: skip


def _webhook(fields: dict[str, str], common: dict[str, Any]) -> Any:
    parts = urlsplit(fields["address"])
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"Authorization": f"Bearer {fields['token']}"} if fields.get("token") else None
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return NotifyJSON(
        host=host, port=parts.port, secure=parts.scheme == "https", fullpath=path, headers=headers, **common
    )


def deliver(message: dict[str, Any]) -> dict[str, Any]:
    """Send one message; why it did not go."""
    said.why, said.robot = "", message["kind"] in ("dingtalk", "wecom", "feishu")
    try:
        channel = made(message["kind"], message["settings"])
    except (Exception, SystemExit):
        return {"id": message["id"], "why": "not_set_up"}
    try:
        went = channel.notify(body=message["body"], title=message["title"], body_format=NotifyFormat.TEXT)
    except Exception:
        went = False
    why = said.why or ("" if went else "no_connection" if message["kind"] == "email" else "failed")
    return {"id": message["id"], "why": why if not (went and message["kind"] == "email") else ""}


def main() -> None:
    """Send everything on stdin."""
    logging.disable()
    asked = json.load(sys.stdin)
    socket.setdefaulttimeout(SECONDS)
    listen_to_answers()
    if not asked["private"]:
        keep_out()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in as_completed([pool.submit(deliver, message) for message in asked["messages"]]):
            print(json.dumps(done.result()), flush=True)


if __name__ == "__main__":
    main()
