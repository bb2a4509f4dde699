"""What several threads ask for at the same moment is done together: while one group is under way, the next one gathers.

Whoever asks alone waits for nobody. The more is asked at once the larger the groups are, so that the work for each shrinks as
the load grows: one commit and one round trip to the database for all of them.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")
Name = TypeVar("Name", bound=Hashable)
MOST: Final = 64
"""How many are done together at most."""
TURNS: Final = 61
"""Groups under way at most; names that fall to the same turn wait for each other, and nothing is kept of a name."""


class _Group(Generic[Asked, Told]):
    """What gathers, and what came of it."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.told: Sequence[Told] = ()
        self.error: Exception | None = None
        self.done = threading.Event()


class GroupFailed(Exception):
    """Nothing of a group was done, whoever of it was to blame: each may try alone."""


class Gathering(Generic[Name, Asked, Told]):
    """`work(name, asked)` answers everything that is asked under one name at once, in the same order. It must do all of it
    or nothing."""

    def __init__(self, work: Callable[[Name, Sequence[Asked]], Sequence[Told]], most: int = MOST) -> None:
        self.work, self.most = work, most
        self.lock = threading.Lock()
        self.open: dict[Name, _Group[Asked, Told]] = {}
        self.turns = [threading.Lock() for _ in range(TURNS)]

    def ask(self, name: Name, asked: Asked) -> Told:
        """The answer, once the group that this came into was done. Raises what the work raised for whoever asked alone, and
        GroupFailed for whoever did not."""
        group, place = self._join(name, asked)
        if place == 0:
            self._lead(name, group)
        else:
            group.done.wait()
        if group.error is not None:
            raise group.error if len(group.asked) == 1 else GroupFailed from group.error
        return group.told[place]

    def _join(self, name: Name, asked: Asked) -> tuple[_Group[Asked, Told], int]:
        with self.lock:
            group = self.open.get(name)
            if group is None or len(group.asked) >= self.most:
                group = self.open[name] = _Group()
            group.asked.append(asked)
            return group, len(group.asked) - 1

    def _lead(self, name: Name, group: _Group[Asked, Told]) -> None:
        """Do the group's work when the one before it is done; until then others may join."""
        try:
            with self.turns[hash(name) % TURNS]:
                with self.lock:
                    if self.open.get(name) is group:
                        del self.open[name]
                group.told = self.work(name, group.asked)
        except Exception as error:
            group.error = error
        finally:
            group.done.set()
