"""Turning an uploaded file into clean WebP copies. Knows Pillow and bytes; no models, no storage.

What comes out holds pixels and nothing else: they are pasted onto a new image, because saving the opened one again
keeps a JPEG's comment and colour profile even where EXIF is dropped. Memory is bounded by the pixel limit, read
off the header before anything is decoded (a 20 KiB PNG can unpack to gigabytes).
"""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image

from common.errors import InvalidInput
from marketplace.likeness import fingerprint_of

_UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)  # all of Pillow's ways
FORMATS = ("JPEG", "PNG", "WEBP")
MIN_SIDE = 100
MAX_SLIMNESS = 5  # a strip longer than that is not a photo of produce
WEBP_QUALITY = 78
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"}

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSVERSE,
    Image.Transpose.ROTATE_90,
)

Image.MAX_IMAGE_PIXELS = settings.PHOTO_MAX_PIXELS  # Pillow's own refusal, behind ours


@dataclass(frozen=True)
class Cleaned:
    """The copies of one photo: bytes by width, and the size in px of the whole picture, right way up."""

    width: int
    height: int
    copies: dict[int, bytes]
    fingerprint: int | None = None


def check_picture(data: bytes) -> None:
    """Refuse, without decoding, what cannot become a photo: raises InvalidInput with a sentence for the uploader."""
    if not data:
        raise InvalidInput(_("That file is empty. Please choose the photo again."))
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        raise InvalidInput(
            _("This phone saves photos as HEIC, which we cannot read. Please send a screenshot of it, or a JPEG.")
        )
    if not _is_whole(data):
        raise InvalidInput(_("That photo did not arrive whole. Please send it again."))
    _check_pixels(*_webp_size(data), data)
    with _opened(data) as picture:
        width, height = picture.size
    _check_pixels(width, height, data)
    if min(width, height) < MIN_SIDE:
        raise InvalidInput(_("That picture is too small: each side needs at least %(limit)s pixels."), limit=MIN_SIDE)
    if max(width, height) > MAX_SLIMNESS * min(width, height):
        raise InvalidInput(_("That picture is too long and narrow."))


def _check_pixels(width: int, height: int, data: bytes) -> None:
    """A JPEG decodes at a fraction of its size; anything else takes up to 16 bytes a pixel, so it may have half as many."""
    limit = settings.PHOTO_MAX_PIXELS if data.startswith(b"\xff\xd8") else settings.PHOTO_MAX_PIXELS // 2
    if width * height > limit:
        raise InvalidInput(_("That picture is too large: at most %(limit)s million pixels."), limit=limit // 1_000_000)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height in a WebP's header, 0 for anything else: Pillow's reader sets its canvas aside on opening."""
    kind, head = data[12:16], data[20:30].ljust(10, b"\0")
    if data[:4] != b"RIFF":
        return 0, 0
    if kind == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF


def clean(data: bytes) -> Cleaned:
    """Decode, turn upright, drop everything but the pixels, and encode each width of settings.PHOTO_WIDTHS as WebP.

    Never enlarges: a small picture gets a copy in its own width. Raises InvalidInput for what does not decode.
    """
    check_picture(data)
    with _opened(data) as picture:
        width, height = picture.size
        enough = 2 * max(settings.PHOTO_WIDTHS)
        try:
            picture.draft("RGB", (enough, enough))  # a JPEG decodes at a fraction of its size, many times faster
            picture.load()
            turn = _turn(picture)
            sideways = turn in _SIDEWAYS
            whole = _in_colour(picture)
            whole.thumbnail((10**6, enough) if sideways else (enough, 10**6))
            upright = whole.transpose(turn) if turn is not None else whole
            pixels = Image.new("RGB", upright.size, "white")
            pixels.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
        except _UNREADABLE as error:
            raise InvalidInput(_("That photo could not be read. Please send another one.")) from error
    if sideways:
        width, height = height, width
    copies = {size: _webp(pixels, size) for size in widths_for(width)}
    return Cleaned(width, height, copies, fingerprint_of(pixels))


def widths_for(width: int) -> list[int]:
    """Which copies to make of a picture `width` px wide: none wider than it is."""
    return sorted({min(size, width) for size in settings.PHOTO_WIDTHS})


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except _UNREADABLE as error:
        message = _("That is not a photo we can read. Please send a JPEG, PNG or WebP picture.")
        if isinstance(error, Image.DecompressionBombError):
            message = _("That picture is too large.")
        raise InvalidInput(message) from error


def _is_whole(data: bytes) -> bool:
    """Whether the file's own end marker is there. Cheap; the worker's decoding has the last word."""
    if data.startswith(b"\xff\xd8"):
        return data.find(b"\xff\xd9", _start_of_scan(data)) != -1  # phones may append a film after it: that is fine
    if data.startswith(b"\x89PNG"):
        return b"IEND\xaeB`\x82" in data
    if data.startswith(b"RIFF"):
        return len(data) >= int.from_bytes(data[4:8], "little") + 8
    return True  # whatever it is, it is not one of ours


def _start_of_scan(data: bytes) -> int:
    """Where a JPEG's pixels begin, past the segments: an EXIF thumbnail has an end marker of its own."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        at += 1 if data[at + 1] == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return at


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """What to do to a picture so that it stands as it was taken; a broken EXIF block says nothing."""
    try:
        return _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except _UNREADABLE:
        return None


def _in_colour(picture: Image.Image) -> Image.Image:
    """RGB, or RGBA where something is transparent. 16-bit grey is scaled: a plain convert would clip it to white."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    mode = "RGBA" if "A" in picture.mode or "transparency" in picture.info else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _webp(pixels: Image.Image, width: int) -> bytes:
    height = max(1, round(pixels.height * width / pixels.width))
    copy = pixels.resize((width, height), Image.Resampling.LANCZOS) if width != pixels.width else pixels
    out: IO[bytes] = BytesIO()
    copy.save(out, "WEBP", quality=WEBP_QUALITY, method=4)
    return out.getvalue()  # type: ignore[attr-defined]
