"""The shop on a line that breaks, as the files in the folder LINE say.

`gone`: nothing gets through, whoever asks: page, worker, the browser by itself. `lose`: what the next entry asks
for is done, and its answer is lost. `cut`: the line drops before the photo after as many as it says; `dropped` is put there.
Photos that came up are written down in `photos`, a line each.
"""

import os
import socket
from pathlib import Path

from config.wsgi import application as shop

LINE = Path(os.environ["LINE"])


def application(environ, start_response):
    path, is_post = environ["PATH_INFO"], environ["REQUEST_METHOD"] == "POST"
    is_photo = is_post and path == "/field/photos/"
    came, cut = LINE / "photos", LINE / "cut"
    drops = is_photo and cut.exists() and len(came.read_text().splitlines()) >= int(cut.read_text())
    if drops:
        (LINE / "dropped").touch()
    if drops or ((LINE / "gone").exists() and not path.startswith("/health/")):
        environ["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
        start_response("503 Service Unavailable", [])
        return []
    answer = shop(environ, start_response)
    if is_photo:
        with came.open("a") as log:
            log.write("photo\n")
    elif is_post and path.startswith("/field/") and (LINE / "lose").exists():
        (LINE / "lose").unlink()
        environ["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
    return answer
