"""The embedded Valkey: start, recover, stop."""

import contextlib
import socket
import time

from config.embedded.places import EmbeddedError, Home, paths

START_PATIENCE = 60.0  # seconds, reading a long append-only file included


def is_up(home: Home) -> bool:
    """Whether the server answers, has read its file, and serves the data of this checkout (not of a deleted one)."""
    try:
        if _ask(home, "PING") != "PONG":
            return False
        running = dict(line.split(":", 1) for line in _ask(home, "INFO server").splitlines() if ":" in line)
        return running.get("process_id") == (home.services / "valkey" / "valkey.pid").read_text().strip()
    except OSError:
        return False


def start(home: Home) -> None:
    """Start the server. The caller holds the lock.

    Once a second the append-only file is flushed, so a killed server loses at most that second; nothing is evicted,
    because a queued task must not vanish when memory is short.
    """
    data = home.services / "valkey"
    home.run(["mkdir", "-p", "-m", "700", data])
    stop(home)
    log = home.services / "valkey.log"
    options = {
        "port": "0",
        "unixsocket": home.sockets / "valkey.sock",
        "unixsocketperm": "700",
        "dir": data,
        "pidfile": data / "valkey.pid",
        "logfile": log,
        "loglevel": "warning",
        "daemonize": "yes",
        "databases": "32",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    status, said = home.run([home.valkey_server, *arguments])
    end = time.monotonic() + START_PATIENCE
    while not is_up(home):
        if status or time.monotonic() > end:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
            raise EmbeddedError(f"The embedded Valkey did not start.\n{said}\n{log}:\n{tail}")
        time.sleep(0.05)


def stop(home: Home) -> None:
    """Stop the server, if it runs, and wait for it. What it holds is written down first."""
    with contextlib.suppress(OSError):  # not running, or gone before it could say so
        _ask(home, "SHUTDOWN")
    socket_file = paths(home.base).valkey_socket
    for _ in range(200):
        if not socket_file.exists() or not _accepts(home):
            return
        time.sleep(0.05)


def _accepts(home: Home) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(paths(home.base).valkey_socket))
        except OSError:
            return False
        return True


def _ask(home: Home, command: str) -> str:
    """Send one inline command and return the reply's text, or raise OSError when nobody is there."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(3)
        connection.connect(str(paths(home.base).valkey_socket))
        connection.sendall(command.encode() + b"\r\n")
        reader = connection.makefile("rb")
        first = reader.readline().decode().strip()
        if first.startswith("$"):
            return reader.read(int(first[1:])).decode()
        return first.removeprefix("+")
