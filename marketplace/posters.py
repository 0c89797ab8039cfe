"""Posters: a thing to buy as one picture with a QR code, for sending on where links are not clicked.

An old poster must not lie: the price stands there with its day, and the code leads to today's. It is drawn of what
buyers may see at that moment, and kept under all that stands on it.
"""

import hashlib
from io import BytesIO
from pathlib import Path

import segno
from django.core.cache import cache
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

from common.money import show_yuan
from marketplace.models import Photo
from marketplace.things import Thing

WIDTH, PICTURE, MARGIN = 900, 675, 48  # px
HEIGHT = 1440
PAPER, INK, SOFT, PINE, PERSIMMON = "#fbf8f1", "#23241f", "#63655c", "#1d5b43", "#c2481f"
KEPT_SECONDS = 86_400
CLOSING = "，。、；：？！）》”’…"
LOOKS = 1  # moves when the drawing changes: what was kept before is not shown again


def poster(thing: Thing, address: str) -> bytes:
    """A JPEG of the thing whose QR code leads to `address`; made at most once a day for the same words and picture."""
    said = words_of(thing)
    facts = [LOOKS, address, thing.photo and thing.photo.url(WIDTH), get_language(), *said]
    key = "poster:" + hashlib.sha256("\n".join(map(str, facts)).encode()).hexdigest()
    if kept := cache.get(key):
        return bytes(kept)
    made = draw(said, _picture(thing.photo), address)
    cache.set(key, made, KEPT_SECONDS)
    return made


def words_of(thing: Thing) -> tuple[str, str, str, str, str]:
    """Heading, who and where, price, what is said of the price, and what to do."""
    day = date_format(timezone.localdate(), "DATE_FORMAT")
    who = thing.where if thing.heading == thing.farmer_name else f"{thing.farmer_name}\n{thing.where}"
    price, note = "", thing.when
    if thing.price_fen is not None:
        price = show_yuan(thing.price_fen)
        note = gettext("Price of %(day)s. Scan to see today's.") % {"day": day}
    return thing.heading, who, price, note, gettext("Straight from who grew it. Hold the picture to scan.")


def draw(said: tuple[str, str, str, str, str], picture: Image.Image | None, address: str) -> bytes:
    """The poster as JPEG. Knows nothing of the shop."""
    heading, who, price, note, call = said
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(sheet)
    if picture is not None:
        sheet.paste(_cover(picture, WIDTH, PICTURE), (0, 0))
    else:
        pen.rectangle((0, 0, WIDTH, PICTURE), fill=PINE)
        pen.text((WIDTH / 2, PICTURE / 2), "出山", font=_font(serif_path(), 160), fill=PAPER, anchor="mm")
    width = WIDTH - 2 * MARGIN
    y = PICTURE + 40.0
    y = _write(pen, heading, y, width, _font(serif_path(), 58), INK, most=2)
    y = _write(pen, who, y + 8, width, _font(sans_path(), 34), SOFT, most=3)
    if price:
        y = _write(pen, price, y + 10, width, _font(serif_path(), 72), PERSIMMON, most=1)
    if note:
        _write(pen, note, y + 4, width, _font(sans_path(), 28), SOFT, most=1)
    _foot(sheet, pen, call, address)
    out = BytesIO()
    sheet.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _foot(sheet: Image.Image, pen: ImageDraw.ImageDraw, call: str, address: str) -> None:
    """The code, and beside it what to do with it and where it leads."""
    code = segno.make(address, error="m", micro=False)
    image = Image.new("1", (int(code.symbol_size(border=4)[0]),) * 2, 1)
    image.putdata([0 if dark else 1 for row in code.matrix_iter(border=4) for dark in row])
    side = 264
    top = HEIGHT - side - MARGIN
    # Each module the same whole number of pixels, or cameras stumble.
    scale = side // image.width
    big = image.resize((image.width * scale,) * 2, Image.Resampling.NEAREST)
    sheet.paste(big, (MARGIN, top + (side - big.height) // 2))
    left = MARGIN + side + 32
    width = WIDTH - left - MARGIN
    y = _write(pen, "出山 Chushan", top + 30, width, _font(serif_path(), 44), PINE, most=1, left=left)
    y = _write(pen, call, y + 6, width, _font(sans_path(), 30), INK, most=3, left=left)
    _write(pen, address.partition("://")[2], y + 6, width, _font(sans_path(), 24), SOFT, most=2, left=left)


def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _write(
    pen: ImageDraw.ImageDraw,
    text: str,
    y: float,
    width: int,
    font: ImageFont.FreeTypeFont,
    fill: str,
    *,
    most: int,
    left: int = MARGIN,
) -> float:
    """Write from `y` down, at most so many lines, each within `width`; returns where the next thing may begin."""
    lines = [line for part in text.split("\n") for line in _wrapped(part, font, width)]
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(lines[most - 1], font, width)]
    for line in lines:
        pen.text((left, y), line, font=font, fill=fill)
        y += font.size * 1.35
    return y


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines that fit: broken between Latin words, and between any two Chinese characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and font.getlength(line + piece) > width:
            lines.append(line.rstrip())
            line = ""
        while font.getlength(piece) > width:  # a word longer than the sheet is wide
            fits = next(size for size in range(len(piece), 0, -1) if size == 1 or font.getlength(piece[:size]) <= width)
            lines.append(piece[:fits])
            piece = piece[fits:]
        line += piece if line else piece.lstrip()
    return [*lines, line] if line else lines


def _pieces(text: str) -> list[str]:
    """Latin words with the space after them; everything else letter by letter, a mark that closes with what it closes."""
    pieces: list[str] = []
    for letter in text:
        goes_on = ord(letter) < 0x2E80 and pieces and ord(pieces[-1][-1]) < 0x2E80 and pieces[-1][-1] != " "
        if goes_on or (pieces and letter in CLOSING):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _shortened(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line}…"


def _cover(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of the picture, filling the space."""
    scale = max(width / picture.width, height / picture.height)
    size = (max(width, round(picture.width * scale)), max(height, round(picture.height * scale)))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return picture.resize(size, Image.Resampling.LANCZOS).crop((left, top, left + width, top + height))


def _picture(photo: Photo | None) -> Image.Image | None:
    """The clean copy that was approved; None where there is none (yet), or it was taken away."""
    if photo is None or not photo.url(WIDTH) or photo.approved_at is None:
        return None
    try:
        with photo.storage.open(photo.path(photo.size_for(WIDTH)), "rb") as file, Image.open(file) as picture:
            return picture.convert("RGB")
    except OSError:
        return None  # it is being moved to where everybody can see it, or was taken away
