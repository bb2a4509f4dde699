"""mcp-cn-commerce: asks by query only, probes with HEAD first, and checks every envelope it reads."""

import asyncio
import json
import sys
from typing import Any

from servers.taobao.client import TaobaoMCP
from shared.cn_commerce_base import CommerceAPIError


async def run(job: dict[str, Any]) -> list[dict[str, Any]]:
    client = TaobaoMCP(app_key=job["key"], app_secret=job["secret"], access_token=job["session"])
    client.BASE_URL = job["url"] + "/router/rest"
    found = []
    for method, params in job["calls"]:
        try:
            found.append({"answer": await client._call(method, params)})
        except CommerceAPIError as error:
            found.append({"error": {"code": error.code}})
    await client.close()
    return found


async def main() -> None:
    json.dump([await run(job) for job in json.load(sys.stdin)], sys.stdout)


asyncio.run(main())
