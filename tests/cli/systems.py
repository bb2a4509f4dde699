"""A whole system of its own for a test: a data folder, and `fahuo` as a program."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fahuo.cli.postgres import Server


class System:
    """`fahuo` as a separate process, on a data folder (and so an embedded server) of its own."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("FAHUO_", "DATABASE_", "LC_"))}
        self.environ = {**kept, "FAHUO_DATA": str(folder / "data"), "FAHUO_LANG": "en", **environ}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "fahuo.cli.main", *words]

    def call(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*words), env={**self.environ, **environ}, cwd=self.folder, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Its server runs meanwhile, as beside `fahuo run`: a command finds it there instead of starting its own."""
        (self.folder / "data").mkdir(exist_ok=True)
        server = Server(self.folder / "data", throw_away=True)
        server.start()
        try:
            yield
        finally:
            server.leave()
