"""The addresses of the Taobao-compatible gateway: anyone may ask, and the call itself says who it is."""

from typing import Final

from tests.routes.kinds import Route, route

TABLE: Final[dict[str, Route]] = {
    "top-rest": route("top", 200, 200),
    "top-token": route("top", 405, 401),
}
