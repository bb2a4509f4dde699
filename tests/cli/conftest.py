"""Folders that the embedded server's user may reach, whoever runs the tests."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def new_folder() -> Iterator[Callable[[], Path]]:
    """Makes folders; all are removed at the end."""
    made: list[Path] = []

    def make() -> Path:
        found = Path(tempfile.mkdtemp(prefix="fahuo-"))
        found.chmod(0o755)
        made.append(found)
        return found

    yield make
    for found in made:
        shutil.rmtree(found, ignore_errors=True)


@pytest.fixture
def folder(new_folder: Callable[[], Path]) -> Path:
    return new_folder()
