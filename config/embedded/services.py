"""Start, stop and look at both services. Many processes may ask at once: one does it, the others wait."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded import postgres, valkey
from config.embedded.places import BASE_DIR, EmbeddedError, Home, data_dir, paths


def ensure(base: Path = BASE_DIR) -> None:
    """Have PostgreSQL (with the database) and Valkey running for the checkout `base`.

    Does nothing for a service whose URL is in the environment. The services outlive the caller, so the next
    command is quick. Raises EmbeddedError, with what to do about it, when they can't run here.
    """
    wants_database = not os.environ.get("DATABASE_URL", "").strip()
    wants_valkey = not (os.environ.get("BROKER_URL", "").strip() and os.environ.get("CACHE_URL", "").strip())
    if not wants_database and not wants_valkey:
        return
    home = Home(base)
    database = os.environ.get("DEV_DB_NAME", "").strip() or paths(base).database_name
    if (not wants_database or _database_ready(home, database)) and (not wants_valkey or valkey.is_up(home)):
        return
    with _lock(base):
        if wants_database:
            if not postgres.is_up(home):
                postgres.start(home)
            if not postgres.has_database(home, database):
                postgres.create_database(home, database)
        if wants_valkey and not valkey.is_up(home):
            valkey.start(home)


def stop(base: Path = BASE_DIR) -> None:
    """Stop both services. The data stays."""
    if not (base / ".data" / "services").exists():
        return
    with _lock(base):
        postgres.stop(Home(base))
        valkey.stop(Home(base))


def destroy(base: Path = BASE_DIR) -> None:
    """Stop both services and delete everything they hold, for good."""
    services = base / ".data" / "services"
    stop(base)
    if services.exists():
        shutil.rmtree(services.resolve())
    if services.is_symlink():
        services.unlink()
    shutil.rmtree(paths(base).socket_dir, ignore_errors=True)


def status(base: Path = BASE_DIR) -> dict[str, bool]:
    """Say which of the services run."""
    if not (base / ".data" / "services").exists():
        return {"postgresql": False, "valkey": False}
    home = Home(base)
    return {"postgresql": postgres.is_up(home), "valkey": valkey.is_up(home)}


def _database_ready(home: Home, name: str) -> bool:
    return postgres.is_up(home) and postgres.has_database(home, name)


@contextmanager
def _lock(base: Path) -> Iterator[None]:
    """Hold the checkout's lock: one process at a time starts or stops its services."""
    try:
        with (data_dir(base) / "embedded.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except PermissionError as error:
        raise EmbeddedError(f"{error.filename} belongs to another account. Run as that account.") from error
