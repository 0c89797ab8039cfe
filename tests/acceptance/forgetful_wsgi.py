"""The shop on a line that breaks: what is asked is done, and its answer is lost, as often as the file LOSE_ANSWERS says.

Photos that came up are written down in PHOTO_LOG, a line each; while the file PHOTO_CUT is there, the line drops before the
photo after as many as it says.
"""

import os
import socket
from pathlib import Path

from config.wsgi import application as shop

LOST = Path(os.environ["LOSE_ANSWERS"])
PHOTO_LOG, PHOTO_CUT = Path(os.environ["PHOTO_LOG"]), Path(os.environ["PHOTO_CUT"])


def application(environ, start_response):
    path, is_post = environ["PATH_INFO"], environ["REQUEST_METHOD"] == "POST"
    is_photo = is_post and path == "/field/photos/"
    if is_photo and PHOTO_CUT.exists() and len(PHOTO_LOG.read_text().splitlines()) >= int(PHOTO_CUT.read_text()):
        PHOTO_CUT.with_name("dropped").touch()
        environ["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
        start_response("503 Service Unavailable", [])
        return []
    answer = shop(environ, start_response)
    if is_photo:
        with PHOTO_LOG.open("a") as log:
            log.write("photo\n")
    elif is_post and path.startswith("/field/") and LOST.exists():
        LOST.unlink()
        environ["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
    return answer
