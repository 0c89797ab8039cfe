"""Asks the web server of this container whether it is alive. Exit status 0 means yes; for HEALTHCHECK.

Liveness, not readiness: with the database away, restarting the web server would not bring it back.
"""

import http.client
import os
import sys


def main(port: int = 8000) -> int:
    """Ask as the shop's own host name, because any other is refused."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".") or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/health/live", headers={"Host": host, "X-Forwarded-Proto": "https"})
        return 0 if connection.getresponse().status == http.HTTPStatus.OK else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
