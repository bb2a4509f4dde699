"""What stands outside the product on such a day: a printer, and the shop's software that is told of events. Both can be out
of reach for a while, each in its ways."""

import random
import threading
import time
from typing import Any, Final

from tests.connectors.receiver import Receiver
from tests.printing.machines import Machine


class Printer:
    """A label printer of this machine, at one address whatever becomes of it; `kill` takes it off its plug for a moment, and
    what it had in hand is lost."""

    def __init__(self) -> None:
        self.paper: list[bytes] = []
        self.machine = self._plugged(at=0)
        self.port = self.machine.port

    def _plugged(self, **how: Any) -> Machine:
        return Machine("zpl", paper=10**9, seconds=0.0, **how).__enter__()

    def _unplug(self) -> None:
        self.machine.__exit__()
        self.paper += self.machine.printed

    def kill(self, away: float = 0.1) -> None:
        self._unplug()
        time.sleep(away)
        self.machine = self._plugged(at=self.port)

    def out_of_reach(self, chance: random.Random, seconds: float) -> None:
        """Refuse lines, take them and say nothing, or break them off in the middle of a label, for a while."""
        self._unplug()
        how = chance.choice(("refuses", "mute", "babbles", "hangs up"))
        if how == "refuses":
            time.sleep(seconds)
        else:
            bad = {"mute": {"mute": True}, "babbles": {"babble": b"\x02?"}, "hangs up": {"hangs_up_after": 300}}[how]
            self.machine = self._plugged(at=self.port, **bad)
            time.sleep(seconds)
            self._unplug()
        self.machine = self._plugged(at=self.port)

    def close(self) -> None:
        self._unplug()

    def printed(self) -> bytes:
        """All labels that came out."""
        return b"".join([*self.paper, *self.machine.printed])


class Hook(Receiver):
    """The shop's software that is told of events; whoever speaks to it may die in the middle of a word."""

    WAYS: Final = ("hangup", "garbage", "500", "never", "drip", "late")

    def __init__(self) -> None:
        super().__init__()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def out_of_reach(self, chance: random.Random, seconds: float) -> None:
        """Close lines, talk nonsense, answer with a failure, with half an answer, too late or not at all, for a while."""
        self.way = chance.choice(self.WAYS)
        time.sleep(seconds)
        self.way = "good"
        self.free.set()  # those who hang are let go
        self.free = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that is what is tried here."""

    def close(self) -> None:
        self.free.set()
        self.shutdown()
        self.server_close()
