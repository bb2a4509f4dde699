"""The official Python SDK's descendants, `taobao_open` or `top` (by argument), as they send: half query, half body."""

import importlib
import json
import sys
from typing import Any

package = sys.argv[1]
sdk = importlib.import_module(package)
base = importlib.import_module(f"{package}.api.base")


def request_for(job: dict[str, Any], method: str) -> Any:
    """The SDK's own request where it has one, else one of its kind."""
    name = "".join(part.title() for part in method.removeprefix("taobao.").split(".")) + "Request"
    try:
        made = getattr(importlib.import_module(f"{package}.api.rest.{name}"), name)
    except ImportError:
        made = type(name, (base.RestApi,), {"getapiname": lambda self: method})
    request = made(job["host"], job["port"])
    request.set_app_info(sdk.appinfo(job["key"], job["secret"]))
    return request


def called(job: dict[str, Any], method: str, params: dict[str, Any]) -> dict[str, Any]:
    request = request_for(job, method)
    for name, value in params.items():
        setattr(request, name, value)
    try:
        return {"answer": request.getResponse(job["session"])}
    except base.TopException as error:
        return {"error": {"code": error.errorcode, "sub_code": error.subcode, "sub_msg": error.submsg}}


json.dump([[called(job, *call) for call in job["calls"]] for job in json.load(sys.stdin)], sys.stdout)
