"""What a paper may be: a JPEG, PNG, WebP or PDF by its content, whatever its name says, up to 10 MB."""

import re
from pathlib import PurePath
from typing import cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image

from common.errors import InvalidInput

MAX_DOCUMENTS = 4
MAX_BYTES = 10 * 1024 * 1024
PDF = "application/pdf"
EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", PDF: ".pdf"}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_TAIL = 2048


def check_document(file: UploadedFile) -> str:
    """The media type of an upload. Raises InvalidInput (field "papers") for what is too large, broken or another kind."""
    if not file.size:
        raise _refused(_("“%(file)s” is empty."), file)
    if file.size > MAX_BYTES:
        raise _refused(_("“%(file)s” is larger than 10 MB."), file)
    file.seek(0)
    is_pdf = file.read(5) == b"%PDF-"
    return _check_pdf(file) if is_pdf else _check_image(file)


def _check_pdf(file: UploadedFile) -> str:
    file.seek(max(0, cast(int, file.size) - _TAIL))
    if b"%%EOF" not in file.read(_TAIL):
        raise _refused(_("“%(file)s” is not complete. Please choose it again."), file)
    return PDF


def _check_image(file: UploadedFile) -> str:
    """Decodes the picture: a truncated one or another kind of file under a picture's name doesn't get through."""
    file.seek(0)
    try:
        with Image.open(cast("object", file), formats=["JPEG", "PNG", "WEBP"]) as image:  # type: ignore[arg-type]
            if image.width * image.height > settings.PHOTO_MAX_PIXELS:
                raise _refused(_("“%(file)s” has too many pixels."), file)
            image.draft("RGB", (1024, 1024))  # JPEGs are read at a fraction of their size
            image.load()
            return Image.MIME[cast(str, image.format)]
    except InvalidInput:
        raise
    except Exception:
        raise _refused(_("“%(file)s” can't be read. Please send a photo (JPEG, PNG, WebP) or a PDF."), file) from None


def plain_name(name: str, media_type: str) -> str:
    """The file's own name, safe to offer for download, with the ending that its content has."""
    stem = _UNSAFE.sub("", PurePath(name.replace("\\", "/")).name).rsplit(".", 1)[0].strip(". ")
    return f"{stem[:100] or 'document'}{EXTENSIONS[media_type]}"


def _refused(message: str | Promise, file: UploadedFile) -> InvalidInput:
    return InvalidInput(message, field="papers", file=PurePath(file.name or "").name[:60])
