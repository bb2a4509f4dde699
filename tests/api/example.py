"""What an example of a call says."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """One call: the parts of its path by name, query, body, and the status that it is answered to who may.

    `also`: an act that the service asks for besides the operation's own. `elsewhere`: what another shop's key is
    answered, where that is not 404 for a path that names something and the good status for one that does not.
    """

    parts: dict[str, Any]
    body: Any = None
    query: str = ""
    status: int = 200
    also: str = ""
    elsewhere: int | None = None
