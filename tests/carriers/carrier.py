"""A carrier's service in this process, for every protocol at once: it keeps its books by our references, as the real ones
say they do, and answers as a real network would on a bad day."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from fahuo.connectors.kdniao.connector import data_sign
from fahuo.connectors.kuaidi100.connector import signed
from fahuo.connectors.sf.connector import digest
from fahuo.connectors.web import Answer, Request, Unanswered
from fahuo.rules.top import signing

Fault = Literal[
    "", "never", "lost", "twice", "half", "garbage", "not_json", "http_502", "limited", "no_number", "empty"
]
FAULTS: tuple[Fault, ...] = ("never", "lost", "twice", "half", "garbage", "not_json", "http_502", "limited", "no_number", "empty")  # fmt: skip
SETTINGS: dict[str, dict[str, str]] = {
    "sf": {"partner_id": "LAN", "check_word": "word", "gateway": "https://sf.example/std/service"},
    "kuaidi100": {"key": "k", "secret": "s", "customer": "c", "salt": "salt",
                  "label_gateway": "https://kd.example/label/order", "poll_gateway": "https://kd.example/poll"},
    "kdniao": {"business_id": "1", "app_key": "a", "gateway": "https://kn.example"},
    "cainiao": {"app_key": "a", "app_secret": "s", "session": "x", "user_id": "7",
                "gateway": "https://top.example/router/rest"},
}  # fmt: skip
CARRIER = {"sf": "SF", "kuaidi100": "ZTO", "kdniao": "YTO", "cainiao": "YTO"}
PREFIX = {"sf": "SF", "kuaidi100": "7533", "kdniao": "YT", "cainiao": "YT"}
KDNIAO_PATHS = {
    "1002": "/Ebusiness/EbusinessOrderHandle.aspx", "1007": "/api/EOrderService", "1147": "/api/EOrderService",
    "1008": "/api/dist", "1001": "/api/OOrderService", "1004": "/api/OOrderService",
}  # fmt: skip
"""What is asked for where, as Kdniao's documents have it."""


def _words(data: Any) -> Iterator[str]:
    """Every text in what was asked."""
    if isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _words(each)
    elif isinstance(data, str):
        yield data


@dataclass
class FakeCarrier:
    """`books`: reference -> number. `given_back`: numbers. `refuses`: references that it will not serve."""

    kind: str
    faults: Iterator[Fault] = field(default_factory=lambda: iter(()))
    books: dict[str, str] = field(default_factory=dict)
    ordered: list[str] = field(default_factory=list)
    given_back: set[str] = field(default_factory=set)
    followed: set[str] = field(default_factory=set)
    refuses: set[str] = field(default_factory=set)
    called: list[str] = field(default_factory=list)
    called_off: set[str] = field(default_factory=set)
    scans: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    faulted: list[Fault] = field(default_factory=list)

    def schedule(self, faults: Sequence[Fault]) -> None:
        self.faults = iter(faults)

    def __call__(self, request: Request) -> Answer:
        fault = next(self.faults, "")
        self.asked.append(request)
        self.faulted.append(fault)
        if fault == "never":
            raise Unanswered("no_connection", sent=False)
        if fault == "http_502":
            return Answer(502, {}, b"<html>Bad Gateway</html>")
        if fault == "limited":
            return Answer(429, {}, b"")
        body = self._answer(request, fault)
        if fault == "twice":
            body = self._answer(request, fault)
        if fault == "lost":
            raise Unanswered("timeout", sent=True)
        raw = json.dumps(body, ensure_ascii=False).encode()
        spoilt = {"half": raw[: len(raw) // 2], "garbage": b'{"a":[1,2]}', "not_json": b"<ok/>", "empty": b""}
        return Answer(200, {}, spoilt.get(fault, raw))

    def number(self, reference: str) -> str:
        """The number of a reference: a new one the first time, never another."""
        if reference not in self.books:
            self.ordered.append(reference)
            digits = f"{len(self.ordered):013d}" if self.kind != "kuaidi100" else f"{len(self.ordered):010d}"
            self.books[reference] = PREFIX[self.kind] + digits
        return self.books[reference]

    def _answer(self, request: Request, fault: Fault) -> Any:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        return getattr(self, f"_{self.kind}")(urlsplit(request.url).path, form, fault)

    # --- the protocols ---

    def _sf(self, path: str, form: dict[str, str], fault: Fault) -> Any:
        if form["msgDigest"] != digest(form["msgData"], form["timestamp"], "word"):
            return {"apiResultCode": "A1006", "apiErrorMsg": "sign"}
        data, service = json.loads(form["msgData"]), form["serviceCode"]
        if service == "EXP_RECE_SEARCH_ROUTES":
            number = data["trackingNumber"][0]
            routes = [{"acceptTime": at, "opCode": code, "remark": "x", "acceptAddress": "杭州"} for at, code in self.scans.get(number, [])]  # fmt: skip
            return self._sf_said({"routeResps": [{"mailNo": number, "routes": routes}]})
        reference = data["orderId"]
        if service == "EXP_RECE_UPDATE_ORDER":
            if reference in self.called:
                self.called_off.add(reference)
            elif reference in self.books:
                self.given_back.add(self.books[reference])
            else:
                return self._sf_said(None, "8024")
            return self._sf_said({"orderId": reference})
        known = reference in self.books or reference in self.called
        if service == "EXP_RECE_SEARCH_ORDER_RESP" and not known:
            return self._sf_said(None, "8024")
        if service == "EXP_RECE_CREATE_ORDER" and (known or reference in self.refuses):
            return self._sf_said(None, "8016" if known else "8057")
        if data.get("isGenWaybillNo") == 0:
            assert (data["isDocall"], data["sendStartTm"][:4]) == (1, "2026")
            self.called.append(reference)
        if reference in self.called:
            return self._sf_said({"orderId": reference})
        number = self.number(reference)
        listed = [] if fault == "no_number" else [{"waybillType": 1, "waybillNo": number}]
        return self._sf_said({
            "orderId": reference, "waybillNoInfoList": listed,
            "routeLabelInfo": [{"routeLabelData": {"destRouteLabel": "755WF-571A3"}}],
        })  # fmt: skip

    def _sf_said(self, data: Any, code: str = "S0000") -> Any:
        result = {"success": code == "S0000", "errorCode": code, "errorMsg": None, "msgData": data}
        return {"apiResultCode": "A1000", "apiErrorMsg": "", "apiResponseID": "x", "apiResultData": json.dumps(result)}

    def _kuaidi100(self, path: str, form: dict[str, str], fault: Fault) -> Any:
        param = json.loads(form["param"])
        if path == "/poll":
            self.followed.add(param["number"])
            return {"result": True, "returnCode": "200", "message": "提交成功"}
        if path == "/poll/query.do":
            assert form["sign"] == signed(form["param"], "k", "c")
            told = self.scans.get(param["num"], [])
            if not told:
                return {"result": False, "returnCode": "500", "message": "查询无结果"}
            return {
                "message": "ok", "nu": param["num"], "com": param["com"], "ischeck": "0", "status": "200", "state": told[-1][1],
                "data": [{"time": at, "ftime": at, "context": "x", "status": "在途"} for at, _ in reversed(told)],
            }  # fmt: skip
        if form["sign"] != signed(form["param"], form["t"], "k", "s"):
            return {"success": False, "code": 30002, "message": "sign"}
        if form["method"] == "cancel":
            self.given_back.add(param["kuaidinum"])
            return {"success": True, "code": 200, "message": "成功"}
        if param["orderId"] in self.refuses:
            return {"success": False, "code": 30004, "message": "余额不足"}
        number = self.number(param["orderId"])
        data = {
            "taskId": "T",
            "kuaidinum": "" if fault == "no_number" else number,
            "bulkpen": "杭州",
            "destCode": "510-2",
            "pkgName": "杭集",
        }
        return {"success": True, "code": 200, "message": "成功", "data": data}

    def _kdniao(self, path: str, form: dict[str, str], fault: Fault) -> Any:
        assert form["DataSign"] == data_sign(form["RequestData"], "a")
        data, kind = json.loads(form["RequestData"]), form["RequestType"]
        assert path == KDNIAO_PATHS[kind]
        if any(sign in word for word in _words(data) for sign in "'\"#&+<>%\\"):
            return {"EBusinessID": "1", "Success": False, "ResultCode": "101", "Reason": "非法参数"}
        head = {"EBusinessID": "1", "Success": True, "ResultCode": "100", "Reason": ""}
        if kind == "1002":
            told = self.scans.get(data["LogisticCode"], [])
            traces = [{"AcceptTime": at, "AcceptStation": "x"} for at, _ in told]
            return {**head, "ShipperCode": data["ShipperCode"], "LogisticCode": data["LogisticCode"], "State": told[-1][1] if told else "0", "Traces": traces}  # fmt: skip
        if kind == "1008":
            self.followed.add(data["LogisticCode"])
            return head
        if kind == "1147":
            self.given_back.add(data["ExpNo"])
            return head
        if kind in ("1001", "1004"):
            return self._kdniao_pickup(head, kind, data)
        if data["OrderCode"] in self.refuses:
            return {**head, "Success": False, "ResultCode": "105", "Reason": "张三的地址不对"}
        number = self.number(data["OrderCode"])
        order = {"OrderCode": data["OrderCode"], "ShipperCode": data["ShipperCode"], "LogisticCode": "" if fault == "no_number" else number, "MarkDestination": "杭州", "SortingCode": "510-2", "PackageName": "杭集"}  # fmt: skip
        return {**head, "UniquerRequestNumber": "u", "Order": order}

    def _kdniao_pickup(self, head: dict[str, Any], kind: str, data: dict[str, Any]) -> Any:
        reference = data["OrderCode"]
        if kind == "1001" and (reference in self.called or reference in self.refuses):
            return {**head, "Success": False, "ResultCode": "106", "Reason": "订单号重复"}
        if kind == "1004" and reference not in self.called:
            return {**head, "Success": False, "ResultCode": "108", "Reason": "没有订单"}
        if kind == "1001":
            assert [len(data[name]) for name in ("StartDate", "EndDate")] == [19, 19]
            assert {"OrderCode", "ShipperCode", "PayType", "ExpType", "Sender", "Receiver", "Commodity"} <= set(data)
            self.called.append(reference)
        else:
            self.called_off.add(reference)
        return head

    def _cainiao(self, path: str, form: dict[str, str], fault: Fault) -> Any:
        sign = form.pop("sign")
        if not signing.genuine(form, "s", "md5", sign):
            return {"error_response": {"code": 25, "msg": "Invalid signature", "sub_code": "isv.x"}}
        method = form["method"]
        if method.endswith(".search"):
            return {"cainiao_waybill_ii_search_response": {"waybill_apply_subscription_cols": {}}}
        if method.endswith(".cancel"):
            self.given_back.add(form["waybill_code"])
            return {"cainiao_waybill_ii_cancel_response": {"cancel_result": True}}
        asked = json.loads(form["param_waybill_cloud_print_apply_new_request"])
        rows = asked["trade_order_info_dtos"]
        if any(row["object_id"] in self.refuses for row in rows):
            return {
                "error_response": {
                    "code": 15,
                    "msg": "Remote service error",
                    "sub_code": "isv.invalid-parameter",
                    "sub_msg": "张三",
                }
            }
        made = []
        for row in rows:
            number = self.number(row["object_id"])
            info = {
                "sortation": {"name": "杭州"},
                "consolidation": {"name": "杭集", "code": "H1"},
                "routeCode": "510 2",
            }
            data = {
                "data": {"cpCode": "YTO", "waybillCode": number, "routingInfo": info},
                "signature": "MD:x",
                "templateURL": "t",
            }
            made.append({"object_id": row["object_id"], "waybill_code": number, "print_data": json.dumps(data)})
        kept = made[: len(made) // 2] if fault == "no_number" else made
        return {
            "cainiao_waybill_ii_get_response": {"modules": {"waybill_cloud_print_response": kept}, "request_id": "r"}
        }
