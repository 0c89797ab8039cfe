"""The shop on a line that breaks: what is asked is done, and its answer is lost, as often as the file LOSE_ANSWERS says."""

import os
import socket
from pathlib import Path

from config.wsgi import application as shop

LOST = Path(os.environ["LOSE_ANSWERS"])


def application(environ, start_response):
    answer = shop(environ, start_response)
    if (
        environ["REQUEST_METHOD"] == "POST"
        and environ["PATH_INFO"].startswith("/field/")
        and environ["PATH_INFO"] != "/field/photos/"
        and LOST.exists()
    ):
        LOST.unlink()
        environ["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
    return answer
