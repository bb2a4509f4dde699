"""taobaopy: hmac, everything in the body, machine-local time."""

import json
import sys
from typing import Any

from taobaopy.taobao import TaoBaoAPIClient, TaoBaoAPIError


def run(job: dict[str, Any]) -> list[dict[str, Any]]:
    client = TaoBaoAPIClient(job["key"], job["secret"], domain=job["url"], retry_count=2)
    client.set_access_token(job["session"])
    found = []
    for method, params in job["calls"]:
        try:
            found.append({"answer": getattr(client, method.removeprefix("taobao.").replace(".", "_"))(**params)})
        except TaoBaoAPIError as error:
            found.append({"error": {"code": error.code, "sub_code": error.sub_code, "sub_msg": error.sub_msg}})
    return found


json.dump([run(job) for job in json.load(sys.stdin)], sys.stdout)
