"""A real PostgreSQL and a real Valkey beside the code, for when no URLs are set.

Both come as wheels from PyPI, keep their data under `.data/` and listen on unix sockets only: no port, no password,
a directory that only the owner may enter. With DATABASE_URL, BROKER_URL and CACHE_URL set, nothing here starts.

    python -m config.embedded start | stop | status | destroy
"""

from config.embedded.places import BASE_DIR, EmbeddedError, Endpoints, paths, secret_key
from config.embedded.services import destroy, ensure, status, stop

__all__ = ["BASE_DIR", "EmbeddedError", "Endpoints", "destroy", "ensure", "paths", "secret_key", "status", "stop"]
