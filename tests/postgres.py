"""A pytest plugin: a real PostgreSQL for the tests, thrown away afterwards, when DATABASE_URL names none.

Loaded before Django's settings (`-p tests.postgres`). The first process starts the server and leaves its address in the
environment; the workers of pytest-xdist find it there.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from fahuo.cli.postgres import Server


def start() -> None:
    if "FAHUO_DATA" not in os.environ:
        os.environ["FAHUO_DATA"] = str(Path(__file__).parent.parent / "var" / "test")
    os.environ.setdefault("FAHUO_SECRET_KEY", "only-for-tests-0123456789-abcdefghijklm")
    if os.environ.get("DATABASE_URL"):
        return
    folder = Path(tempfile.mkdtemp(prefix="fahuo-"))
    folder.chmod(0o755)
    server = Server(folder, throw_away=True)
    server.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.leave)
    os.environ["DATABASE_URL"] = server.url


start()
