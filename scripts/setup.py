"""Make the checkout ready: `python3 scripts/setup.py run` or `test`. Standard library only; does nothing when all is there.

A virtual environment in .venv; in it the pinned uv (checked by hash), which installs exactly what the lock file names,
each file checked by hash; a launcher `fahuo`; the compiled message catalogues. For `test` also a browser, where this may
install one, and the programs of others that the tests talk to (.venv/clients), pinned and checked in the same way.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "uv" / "bin" / "uv"
LOCKS = {"run": ROOT / "requirements" / "run.lock", "test": ROOT / "requirements" / "test.lock"}
UV_LOCK = ROOT / "requirements" / "uv.txt"
CLIENTS = ROOT / "requirements" / "clients"
CLIENTS_HOME = VENV / "clients"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
LAUNCHER = '#!/bin/sh\nexec "$(dirname "$0")/python" -m fahuo.cli.main "$@"\n'


def fail(sentence: str) -> None:
    sys.exit(f"fahuo: {sentence}")


def call(*command: "str | Path", cwd: Path = ROOT, path: str = "") -> None:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("VIRTUAL_ENV", None)
    environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}" if path else environment["PATH"]
    done = subprocess.run([str(part) for part in command], env=environment, cwd=cwd, stdin=subprocess.DEVNULL)
    if done.returncode:
        fail(f"this failed: {' '.join(str(part) for part in command)}")


def digest(*files: Path) -> str:
    """What the environment was made from: files, and this Python."""
    state = hashlib.sha256(f"{sys.version} {sys.prefix} {ROOT}".encode())
    for file in files:
        state.update(file.read_bytes())
    return state.hexdigest()


def can_install() -> bool:
    return os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt(*packages: str) -> bool:
    """Install Debian packages; whether that went well."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode:
            return False
    return True


def make_environment() -> None:
    """A fresh virtual environment with the pinned uv beside it."""
    print("fahuo: making .venv", file=sys.stderr)
    if VENV.exists():
        shutil.rmtree(VENV)
    try:
        import ensurepip  # noqa: F401  # Debian ships it apart, in python3-venv
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not can_install() or not apt(package):
            fail(f"Python lacks its venv module; type: sudo apt-get install {package}")
    call(sys.executable, "-m", "venv", VENV)
    call(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "--target", VENV / "uv", "-r", UV_LOCK)


def install(kind: str) -> None:
    """Exactly what the lock names, then the checkout itself, by reference."""
    print(f"fahuo: installing requirements/{kind}.lock", file=sys.stderr)
    call(UV, "pip", "sync", "-q", "--require-hashes", "--python", PYTHON, LOCKS[kind])
    folder = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(VENV), "platbase": str(VENV)}))
    (folder / "fahuo.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    launcher = VENV / "bin" / "fahuo"
    launcher.write_text(LAUNCHER, encoding="ascii")
    launcher.chmod(0o755)


def prepare(kind: str) -> None:
    """Bring the environment up to date with the lock files; what tests need includes what running needs."""
    base, stamps = VENV / ".stamp-uv", {name: VENV / f".stamp-{name}" for name in LOCKS}
    wanted = {name: digest(lock, UV_LOCK, Path(__file__)) for name, lock in LOCKS.items()}

    def current(file: Path, text: str) -> bool:
        return file.exists() and file.read_text("ascii") == text

    if current(stamps["test"], wanted["test"]) or current(stamps[kind], wanted[kind]):
        return
    if stamps["test"].exists():
        kind = "test"
    if not current(base, digest(UV_LOCK)) or not PYTHON.exists():
        make_environment()
        base.write_text(digest(UV_LOCK), encoding="ascii")
    for stamp in stamps.values():
        stamp.unlink(missing_ok=True)
    install(kind)
    stamps[kind].write_text(wanted[kind], encoding="ascii")


def prepare_clients() -> None:
    """The clients of others: two environments of Python, and a folder of Node's packages without their scripts."""
    stamp = VENV / ".stamp-clients"
    locks = sorted([*CLIENTS.glob("*.lock"), CLIENTS / "package-lock.json"])
    wanted = digest(*locks, UV_LOCK, Path(__file__))
    if stamp.exists() and stamp.read_text("ascii") == wanted:
        return
    print("fahuo: installing the clients that tests talk to", file=sys.stderr)
    stamp.unlink(missing_ok=True)
    shutil.rmtree(CLIENTS_HOME, ignore_errors=True)
    names = ["taobao", "mcp"] + ([] if shutil.which("npm") and shutil.which("node") else ["node"])
    for name in names:
        python = CLIENTS_HOME / name / "bin" / "python"
        call(UV, "venv", "-q", "--python", PYTHON, CLIENTS_HOME / name)
        call(UV, "pip", "sync", "-q", "--require-hashes", "--python", python, CLIENTS / f"{name}.lock")
    packages = CLIENTS_HOME / "packages"
    packages.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(CLIENTS / name, packages / name)
    home = CLIENTS_HOME / "node" / "bin"
    npm = home / "npm" if "node" in names else Path(shutil.which("npm") or "npm")
    call(
        npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", cwd=packages,
        path=str(home) if "node" in names else "",
    )  # fmt: skip
    stamp.write_text(wanted, encoding="ascii")


def find_node() -> Path:
    """The Node that runs clients."""
    own = CLIENTS_HOME / "node" / "bin" / "node"
    return own if own.exists() else Path(shutil.which("node") or "node")


def compile_messages() -> None:
    """Every catalogue whose source is newer than what was compiled from it."""
    for source in sorted(ROOT.glob("fahuo/*/locale/*/LC_MESSAGES/*.po")):
        made = source.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            call(VENV / "bin" / "pybabel", "-q", "compile", "-i", source, "-o", made)


def find_browser() -> "str | None":
    """The program of a Chromium or Chrome."""
    named = os.environ.get("FAHUO_BROWSER")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or (str(MAC_BROWSER) if MAC_BROWSER.exists() else None)


def prepare_browser() -> None:
    """A Chromium and a font with Chinese, installed where this may; otherwise said, and in CI refused."""
    has_font = shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=zh"], capture_output=True).stdout.strip()
    missing = [] if find_browser() else ["chromium"]
    if not has_font and sys.platform.startswith("linux"):
        missing += ["fontconfig", "fonts-wqy-microhei"]
    if missing and can_install():
        apt(*missing)
    if find_browser() is None:
        sentence = "there is no Chromium, which the browser tests need; type: sudo apt-get install chromium"
        if os.environ.get("CI") == "true":
            fail(sentence)
        print(f"fahuo: {sentence} (or name a program in FAHUO_BROWSER). They are left out.", file=sys.stderr)


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  # an older Python gets a sentence, not a traceback
        fail(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}")
    kind = sys.argv[1] if len(sys.argv) == 2 and sys.argv[1] in LOCKS else "run"
    prepare(kind)
    compile_messages()
    if kind == "test":
        prepare_browser()
        prepare_clients()


if __name__ == "__main__":
    main()
