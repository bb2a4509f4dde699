"""What is asked at once is done at once, and everybody gets the answer to what he asked."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from fahuo.store.gathering import Gathering, GroupFailed

PATIENCE = 10


class Slow:
    """Work that squares, notes its groups, and ends each when it is told to."""

    def __init__(self) -> None:
        self.groups: list[tuple[int, list[int]]] = []
        self.begun, self.may_end = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, name: int, asked: Sequence[int]) -> list[int]:
        self.groups.append((name, list(asked)))
        self.begun.release()
        assert self.may_end.acquire(timeout=PATIENCE)
        if 0 in asked:
            raise ZeroDivisionError
        return [each * each for each in asked]


class Watched(Gathering[int, int, int]):
    """A gathering that tells when somebody came to it."""

    def __init__(self, work: Slow, most: int = 64) -> None:
        super().__init__(work, most)
        self.slow, self.came = work, threading.Semaphore(0)

    def _join(self, name: int, asked: int) -> Any:
        found = super()._join(name, asked)
        self.came.release()
        return found

    def ask_all(self, asked: Sequence[int]) -> list[Future[int]]:
        """Each by a thread of its own: the first is under way before the second comes, and so on in their order."""
        pool = ThreadPoolExecutor(len(asked))
        futures = []
        for place, each in enumerate(asked):
            futures.append(pool.submit(self.ask, 1, each))
            assert self.came.acquire(timeout=PATIENCE)
            assert place or self.slow.begun.acquire(timeout=PATIENCE)
        pool.shutdown(wait=False)
        return futures


def test_who_asks_alone_waits_for_nobody_and_hears_what_went_wrong() -> None:
    work = Slow()
    gathering = Watched(work)
    work.may_end.release(2)
    assert gathering.ask(1, 3) == 9
    with pytest.raises(ZeroDivisionError):
        gathering.ask(1, 0)
    assert work.groups == [(1, [3]), (1, [0])]
    assert gathering.open == {}


def test_what_is_asked_meanwhile_is_done_together() -> None:
    work = Slow()
    futures = Watched(work).ask_all([1, 2, 3, 4])
    work.may_end.release(2)
    assert [future.result(PATIENCE) for future in futures] == [1, 4, 9, 16]
    assert work.groups == [(1, [1]), (1, [2, 3, 4])]


def test_nobody_of_a_group_that_failed_is_told_anything_else() -> None:
    work = Slow()
    futures = Watched(work).ask_all([1, 2, 0])
    work.may_end.release(2)
    assert futures[0].result(PATIENCE) == 1
    for future in futures[1:]:
        with pytest.raises(GroupFailed):
            future.result(PATIENCE)


def test_groups_are_bounded() -> None:
    work = Slow()
    futures = Watched(work, most=2).ask_all([1, 2, 3, 4, 5, 6])
    work.may_end.release(4)
    assert [future.result(PATIENCE) for future in futures] == [1, 4, 9, 16, 25, 36]
    assert sorted(asked for _, asked in work.groups) == [[1], [2, 3], [4, 5], [6]]


def test_another_name_waits_for_nobody() -> None:
    work = Slow()
    gathering = Watched(work)
    (first,) = gathering.ask_all([2])
    other = threading.Thread(target=gathering.ask, args=(2, 7))
    other.start()
    assert work.begun.acquire(timeout=PATIENCE)
    work.may_end.release(2)
    other.join()
    assert (first.result(PATIENCE), sorted(work.groups)) == (4, [(1, [2]), (2, [7])])
