"""TOP's top-level error codes, and an error as it travels: code, msg, and for a service's own errors sub_code, sub_msg."""

import re
from typing import Final

MESSAGES: Final = {
    3: "Upload Fail",
    4: "User Call Limited",
    5: "Session Call Limited",
    6: "Partner Call Limited",
    7: "App Call Limited",
    8: "App Call Exceeds Limited Frequency",
    9: "HTTP Action Not Allowed",
    10: "Service Currently Unavailable",
    11: "Insufficient ISV Permissions",
    12: "Insufficient User Permissions",
    13: "Insufficient Partner Permissions",
    15: "Remote service error",
    21: "Missing Method",
    22: "Invalid Method",
    23: "Invalid Format",
    24: "Missing Signature",
    25: "Invalid Signature",
    26: "Missing Session",
    27: "Invalid Session",
    28: "Missing App Key",
    29: "Invalid App Key",
    30: "Missing Timestamp",
    31: "Invalid Timestamp",
    32: "Missing Version",
    33: "Invalid Version",
    34: "Unsupported Version",
    40: "Missing required arguments",
    41: "Invalid arguments",
    42: "Forbidden Request",
    43: "Parameter Error",
    50: "Remote service error",
}
"""Code -> its message."""

SERVICE: Final = 15
"""The service behind the method refused; `sub_code` says why."""

BAN: Final = "This ban will last for {seconds} more seconds"
"""How a limit says when it ends; clients read the number out of it."""
BAN_READ: Final = re.compile(r"last for (\d+) more")


class TopError(Exception):
    """A call was refused. `detail` is appended to the code's message, as in `Missing required arguments:tid`."""

    def __init__(self, code: int, sub_code: str = "", sub_msg: str = "", *, detail: str = "") -> None:
        super().__init__(f"{code} {sub_code} {sub_msg}".strip())
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg
        self.msg = f"{MESSAGES[code]}:{detail}" if detail else MESSAGES[code]

    @classmethod
    def banned(cls, sub_code: str, seconds: int) -> "TopError":
        """The app asked too often, and may ask again after so many seconds."""
        return cls(7, sub_code, BAN.format(seconds=seconds))

    @classmethod
    def of_service(cls, sub_code: str, sub_msg: str) -> "TopError":
        """The method's own refusal."""
        return cls(SERVICE, sub_code, sub_msg)
