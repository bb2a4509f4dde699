"""TOP's signatures: over all parameters, sorted by name, name and value joined without any separator or quoting.

md5 is MD5(secret + text + secret); hmac is HMAC-MD5 and hmac-sha256 is HMAC-SHA256 over the text with the secret as key;
each in upper-case hexadecimal digits. Files are no part of it.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, Literal

Way = Literal["md5", "hmac", "hmac-sha256"]
WAYS: Final[tuple[Way, ...]] = ("md5", "hmac", "hmac-sha256")


def joined(params: Mapping[str, str]) -> str:
    """What is signed: `sign` itself left out, the rest in the order of their names' bytes."""
    return "".join(f"{name}{params[name]}" for name in sorted(params, key=str.encode) if name != "sign")


def sign(params: Mapping[str, str], secret: str, way: Way) -> str:
    """The signature of these parameters."""
    text = joined(params)
    if way == "md5":
        return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()
    digest = "sha256" if way == "hmac-sha256" else "md5"
    return hmac.new(secret.encode(), text.encode(), digest).hexdigest().upper()


def genuine(params: Mapping[str, str], secret: str, way: Way, given: str) -> bool:
    """Whether `given` signs these parameters. Clients differ over empty values: signed or left out, both are right."""
    given = given.strip().upper()
    full = {name: value for name, value in params.items() if value != ""}
    readings = [params] if len(full) == len(params) else [params, full]
    return any([hmac.compare_digest(sign(each, secret, way).encode(), given.encode()) for each in readings])
