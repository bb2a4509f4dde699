"""A small disk of our own, which can be full: a file system in memory, mounted where the product keeps everything.

Full is real: its size is set to what stands on it, so the next page that anybody wants is refused by the kernel (ENOSPC),
to PostgreSQL as to everybody else. Mounting is for root; where that is not allowed, `Disk.can` says so.
"""

import contextlib
import os
import subprocess
from pathlib import Path
from typing import Final

PAGE: Final = 4096
ROOM: Final = 4 * 2**30
"""Bytes it holds at most; only those that are used take memory."""


class Disk:
    """A file system at `place`, mounted until `close`."""

    def __init__(self, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.place = place
        self._mount("-t", "tmpfs", "-o", f"size={ROOM},mode=0755", "fahuo-faults", str(place))

    @staticmethod
    def can(folder: Path) -> bool:
        """Whether this machine lets us mount one."""
        if os.geteuid() != 0:
            return False
        try:
            Disk(folder / "probe").close()
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def fill(self, left: int = 0) -> None:
        """Leave room for `left` bytes."""
        known = os.statvfs(self.place)
        used = (known.f_blocks - known.f_bfree) * known.f_frsize
        for more in range(0, 64 * PAGE, PAGE):  # somebody may have written since we looked
            with contextlib.suppress(subprocess.CalledProcessError):
                return self._mount("-o", f"remount,size={used + left + more}", str(self.place))
        raise OSError("the disk cannot be filled")

    def free(self) -> None:
        """Make room again."""
        self._mount("-o", f"remount,size={ROOM}", str(self.place))

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=True, capture_output=True)

    def _mount(self, *words: str) -> None:
        subprocess.run(["mount", *words], check=True, capture_output=True)
