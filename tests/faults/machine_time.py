"""The time that the machine of one process shows: libfaketime between the process and its kernel, told by a file that may
change while the process runs. Nothing of the product is touched, and monotonic time goes on as it is."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Final

DEBIAN: Final = Path("/usr/lib")
HOUR: Final = 3600


@cache
def library() -> Path | None:
    """libfaketime of the wheel, else of the system, if it does here what it should."""
    wheel = importlib.util.find_spec("libfaketime")  # found, not imported: that would change our own time
    folders = [Path(place) for place in (wheel.submodule_search_locations or [])] if wheel else []
    found = [each for folder in (*folders, DEBIAN) for each in sorted(folder.rglob("libfaketime.so.1"))]
    return next((each for each in found if _works(each)), None)


def _works(found: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "time")
        show(file, HOUR)
        told = subprocess.run(
            [sys.executable, "-I", "-c", "import time; print(time.time())"], env=_environ(found, file),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    return told.returncode == 0 and abs(float(told.stdout) - time.time() - HOUR) < 60


def environ(file: Path) -> dict[str, str]:
    """What a process's environment needs besides to show the time of `file`; nothing where that cannot be had."""
    found = library()
    if found is None:
        return {}
    if not file.exists():
        show(file, 0)
    return _environ(found, file)


def _environ(found: Path, file: Path) -> dict[str, str]:
    return {
        "LD_PRELOAD": str(found), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def show(file: Path, seconds: int) -> None:
    """Let it be so many seconds later (or earlier) than it is."""
    draft = file.with_name(f".{file.name}")
    draft.write_text(f"{seconds:+d}\n", "ascii")
    os.replace(draft, file)
