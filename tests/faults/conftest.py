"""A folder for a system of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the database's user may reach."""
    found = Path(tempfile.mkdtemp(prefix="fahuo-"))
    found.chmod(0o755)
    yield found
    shutil.rmtree(found, ignore_errors=True)
