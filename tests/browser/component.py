"""The 菜鸟 print component as its protocol says, and stricter: what it is asked wrongly, it notes as a trouble.

It listens where the real one does, fetches each template without cookies, prints one document after the other, and says so.
"""

import json
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from xml.etree import ElementTree

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

PORT = 13528
PRINT_KEYS = {
    "taskID", "preview", "printer", "notifyType", "firstDocumentNumber", "totalDocumentCount", "documents",
}  # fmt: skip


@dataclass
class Component:
    """`printed`: the texts on each document that came out. `before`: called with a document's number in its list before it
    is printed; "fail" or "hang up" is what it may answer."""

    printers: tuple[str, ...] = ("热敏打印机", "激光打印机")
    before: Callable[[int], str] = lambda count: ""
    printed: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    tasks: set[str] = field(default_factory=set)
    busy: bool = False
    count: int = 0

    def __enter__(self) -> Self:
        self.server = serve(self.talk, "localhost", PORT)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()

    def must(self, condition: object, what: str) -> None:
        if not condition:
            self.troubles.append(what)

    def talk(self, line: ServerConnection) -> None:
        try:
            for text in line:
                self.heard(line, json.loads(text))
        except ConnectionClosed:
            pass
        self.busy = False

    def heard(self, line: ServerConnection, said: dict[str, Any]) -> None:
        request = said.get("requestID")
        self.must(isinstance(request, str) and request and request not in self.asked, f"requestID {request}")
        self.must(said.get("version") == "1.0", "version")
        self.asked.add(str(request))
        head = {"cmd": said["cmd"], "requestID": request}
        if said["cmd"] == "getPrinters":
            self.must(set(said) == {"cmd", "requestID", "version"}, "getPrinters takes nothing else")
            printers = [{"name": name, "status": "enable", "type": "thermal"} for name in self.printers]
            line.send(json.dumps({**head, "defaultPrinter": self.printers[0], "printers": printers}))
        elif said["cmd"] == "print":
            self.must(set(said) == {"cmd", "requestID", "version", "task"}, "print takes a task")
            self.print(line, head, said["task"])
        else:
            self.troubles.append(f"unknown command {said['cmd']}")

    def print(self, line: ServerConnection, head: dict[str, Any], task: dict[str, Any]) -> None:
        self.must(set(task) == PRINT_KEYS, f"task has {sorted(task)}")
        self.must(task["taskID"] not in self.tasks, "taskID twice")
        self.must(task["preview"] is False and task["notifyType"] == ["print"], "prints, and wants to hear of it")
        self.must(task["printer"] in self.printers, f"printer {task['printer']}")
        self.must(
            len(task["documents"]) == 1 == task["totalDocumentCount"] == task["firstDocumentNumber"],
            "one document a task",
        )
        self.must(not self.busy, "the document before is not acknowledged yet")
        self.tasks.add(task["taskID"])
        self.busy = True
        document = task["documents"][0]
        self.must(set(document) == {"documentID", "contents"} and len(document["contents"]) == 1, "one content")
        content = document["contents"][0]
        self.must(set(content) == {"data", "templateURL"}, "data and templateURL")
        line.send(json.dumps({**head, "taskID": task["taskID"], "status": "success"}))
        with urllib.request.urlopen(content["templateURL"], timeout=10) as answer:
            ElementTree.fromstring(_without_script(answer.read().decode()))
        self.count += 1
        what = self.before(self.count)
        if what == "hang up":
            line.close()
            return
        if what == "fail":
            self.busy = False
            self.told(line, task, document, "failed", "打印机脱机")
            return
        self.told(line, task, document, "rendered", "")
        self.printed.append(" ".join(item.get("text", "") for item in content["data"]["items"]))
        self.busy = False
        self.told(line, task, document, "printed", "")

    def told(
        self, line: ServerConnection, task: dict[str, Any], document: dict[str, Any], status: str, why: str
    ) -> None:
        one = {
            "documentID": document["documentID"], "status": "failed" if why else "success", "msg": why, "detail": "",
            "printer": task["printer"],
        }  # fmt: skip
        line.send(json.dumps({
            "cmd": "notifyPrintResult", "printer": task["printer"], "taskID": task["taskID"], "taskStatus": status,
            "printStatus": [one],
        }))  # fmt: skip


def _without_script(template: str) -> str:
    """The template as XML: what stands between <% and %> taken out."""
    while "<%" in template:
        start = template.index("<%")
        template = template[:start] + template[template.index("%>", start) + 2 :]
    return template
