"""No connection into a private network, whatever a name resolves to: an audit hook of the child processes that send."""

import sys
import threading
from typing import Any

from fahuo.connectors.notify.addresses import private

said = threading.local()
"""`why`: what was seen going wrong with the message that this thread sends; `robot`: its answer holds a code."""


class PrivateAddress(OSError):
    """A connection would have gone into a private network."""


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: connections go to public addresses, at the moment they are made."""
    if event == "socket.connect":
        address = arguments[1]
        if not isinstance(address, tuple) or private(str(address[0])):
            said.why = "private_address"
            raise PrivateAddress


def keep_out() -> None:
    """Let this process reach no private network from now on. There is no way back."""
    sys.addaudithook(guard)
