"""taobaopyx: the asynchronous one."""

import asyncio
import json
import sys
from typing import Any

from taobaopyx.taobao import AsyncTaobaoAPIClient, TaobaoAPIError


async def run(job: dict[str, Any]) -> list[dict[str, Any]]:
    client = AsyncTaobaoAPIClient(job["key"], job["secret"], domain=job["url"])
    found = []
    for method, params in job["calls"]:
        try:
            found.append({"answer": await getattr(client, method)(session=job["session"], **params)})
        except TaobaoAPIError as error:
            found.append({"error": {"code": error.code, "sub_code": error.sub_code, "sub_msg": error.sub_msg}})
    await client.aclose()
    return found


async def main() -> None:
    json.dump([await run(job) for job in json.load(sys.stdin)], sys.stdout)


asyncio.run(main())
