"""A throw-away place for one run: a PostgreSQL and a Valkey of its own, and ways to hurt them. Nothing of the checkout's."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from config.embedded import destroy, postgres
from config.embedded.places import Home
from tests.acceptance.running_shop import free_port

DATABASE = "chushan"


class Place:
    """The services of one run. The broker keeps nothing on disk: what it forgets when it dies is gone."""

    def __init__(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="chushan-chaos-"))
        self.base.chmod(0o711)  # the account that PostgreSQL runs as has to walk in
        self.home = Home(self.base)
        self.socket = self.base / "broker.sock"
        self.broker: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def environment(self) -> dict[str, str]:
        """What points the shop's processes here, and nowhere else."""
        return {
            "CHUSHAN_ENV": "embedded",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": secrets.token_urlsafe(40),
            "DATABASE_URL": f"postgres://chushan@{quote(str(self.home.sockets), safe='')}:5432/{DATABASE}",
            "BROKER_URL": f"redis+socket://{self.socket}",
            "CACHE_URL": f"unix://{self.socket}?db=1",
            "DATA_DIR": str(self.base),
            "PORT": str(self.port),
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "TIME_TO_PAY_SECONDS": "20",
            "TELL_TOGETHER_SECONDS": "30",
            "SMS_DAILY_CAP": "1000000",
            "LOG_LEVEL": "ERROR",
        }

    def start(self) -> None:
        postgres.start(self.home)
        postgres.create_database(self.home, DATABASE)
        self.start_broker()

    def destroy(self) -> None:
        """Stop everything and leave nothing."""
        for pid in self.postgres_pids():
            _send(pid, signal.SIGCONT)
        if self.broker:
            self.broker.send_signal(signal.SIGCONT)
        self.kill_broker()
        destroy(self.base)
        shutil.rmtree(self.base, ignore_errors=True)

    # --- Valkey ---

    def start_broker(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        self.broker = subprocess.Popen(
            [str(self.home.valkey_server), *options, "--maxmemory-policy", "noeviction", "--loglevel", "warning"],
            cwd=self.base,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 20
        while not self._broker_answers():
            if time.monotonic() > end:
                raise RuntimeError("the broker did not start")
            time.sleep(0.05)

    def kill_broker(self) -> None:
        if self.broker:
            self.broker.kill()
            self.broker.wait()
        self.socket.unlink(missing_ok=True)

    def freeze_broker(self) -> None:
        self._running_broker().send_signal(signal.SIGSTOP)

    def thaw_broker(self) -> None:
        self._running_broker().send_signal(signal.SIGCONT)

    def empty_broker(self) -> None:
        self._ask(b"FLUSHALL\r\n")

    def _running_broker(self) -> subprocess.Popen[bytes]:
        if self.broker is None:
            raise RuntimeError("there is no broker")
        return self.broker

    def _broker_answers(self) -> bool:
        try:
            return self._ask(b"PING\r\n").startswith(b"+PONG")
        except OSError:
            return False

    def _ask(self, command: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            connection.sendall(command)
            return connection.recv(100)

    # --- PostgreSQL ---

    def postgres_pids(self) -> list[int]:
        """The server and its children, the server first; nothing when it does not run."""
        try:
            server = psutil.Process(int((self.home.services / "postgres" / "postmaster.pid").read_text().split()[0]))
            return [server.pid, *(child.pid for child in server.children(recursive=True))]
        except (OSError, ValueError, IndexError, psutil.Error):
            return []

    def kill_postgres(self) -> None:
        """SIGKILL to the server and every backend at once."""
        for pid in self.postgres_pids():
            _send(pid, signal.SIGKILL)

    def start_postgres(self) -> None:
        postgres.start(self.home)

    def freeze_postgres(self, seconds: float) -> None:
        pids = self.postgres_pids()
        for pid in pids:
            _send(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in pids:
            _send(pid, signal.SIGCONT)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # gone already: as good as killed
        os.kill(pid, number)
