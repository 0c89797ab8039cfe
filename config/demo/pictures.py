"""Pictures for listings that nobody photographed: the produce's drawing, piled up on a soft plain background.

They enter the shop as the clean copies that the photo service makes of any upload.
"""

import random
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO

from django.conf import settings
from PIL import Image, ImageDraw, ImageFilter

from marketplace.models import Produce
from marketplace.services import images

SIZE = (960, 720)
FOLDER = settings.BASE_DIR / "static" / "pictures"
VARIANTS = 3

BACKGROUNDS = {
    "fruit": ["#f6e3c8", "#f3d9c4", "#e9ecd3", "#f7e8d6"],
    "vegetables": ["#e3ecd6", "#eef0da", "#dfe9df", "#f1ead6"],
    "mushrooms": ["#ece3d6", "#e6ddd0", "#efe9df"],
    "grains": ["#f4ead0", "#efe4cb", "#ebe9d8"],
    "nuts-dried": ["#f0dfcd", "#f3e6d8", "#eadfd2"],
    "tea-drinks": ["#dfe8d8", "#e8ecdf", "#e5e4d4"],
    "honey": ["#fbe9c0", "#f8e4b6", "#f5ead2"],
    "": ["#ebe8dd", "#e6ece6", "#f2ece0"],
}
# A drawing that is nearly right, turned to the right colour: (file, hue to move by in degrees, saturation).
RECOLOURED = {
    "passion-fruit": ("1f95d.webp", -48, 1.1),  # a kiwifruit, cut
    "persimmon": ("1f345.webp", 48, 1.0),  # a tomato
}
STEADY = {"tea-drinks", "honey", "grains", "starch-noodle"}  # cups, jars and bowls stand upright
# Where the pieces of a pile lie: (x, y of the middle, width) as parts of the picture's width, back to front.
PILES = [
    [(0.50, 0.385, 0.58)],
    [(0.33, 0.31, 0.39), (0.66, 0.29, 0.39), (0.49, 0.45, 0.44)],
    [(0.24, 0.28, 0.29), (0.50, 0.23, 0.31), (0.76, 0.28, 0.29), (0.36, 0.47, 0.34), (0.66, 0.47, 0.34)],
]


def clean_copies(produce: Produce, variant: int, size: tuple[int, int] = SIZE) -> images.Cleaned:
    """The copies of one picture of a kind of produce, as the photo service makes them; `variant` counts from 0.

    `size` is its width and height in px.
    """
    group = produce.parent.slug if produce.parent else ""
    return _clean(produce.slug, produce.picture, group, variant % VARIANTS, size)


@lru_cache(maxsize=256)
def _clean(slug: str, picture: str, group: str, variant: int, size: tuple[int, int]) -> images.Cleaned:
    file = BytesIO()
    _compose(slug, picture, group, variant, size).save(file, "JPEG", quality=90)
    return images.clean(file.getvalue())


def _compose(slug: str, picture: str, group: str, variant: int, size: tuple[int, int]) -> Image.Image:
    """A pile of the drawing, each piece a little turned, with soft shadows."""
    dice = random.Random(f"{slug}-{variant}")
    colours = BACKGROUNDS.get(group, BACKGROUNDS[""])
    background = Image.new("RGB", size, colours[dice.randrange(len(colours))])
    piece = _drawing(slug, picture)
    tilt = 3 if {group, slug} & STEADY else 14
    for x, y, width in _jittered(PILES[variant % len(PILES)], dice):
        turned = piece.rotate(dice.uniform(-tilt, tilt), Image.Resampling.BICUBIC)
        side = round(width * size[0])
        turned = turned.resize((side, side), Image.Resampling.LANCZOS)
        left, top = round(x * size[0] - side / 2), round(y * size[0] - side / 2)
        _shade(background, (left, top, side))
        background.paste(turned, (left, top), turned)
    return background


def _jittered(pile: list[tuple[float, float, float]], dice: random.Random) -> Iterator[tuple[float, float, float]]:
    for x, y, width in pile:
        yield x + dice.uniform(-0.015, 0.015), y + dice.uniform(-0.01, 0.01), width * dice.uniform(0.95, 1.05)


def _drawing(slug: str, picture: str) -> Image.Image:
    file, hue, saturation = RECOLOURED.get(slug, (picture, 0, 1.0))
    with Image.open(FOLDER / file) as opened:
        drawing = opened.convert("RGBA")
    if not hue and saturation == 1.0:
        return drawing
    alpha = drawing.getchannel("A")
    bands = list(drawing.convert("RGB").convert("HSV").split())
    bands[0] = bands[0].point(lambda value: (value + round(hue / 360 * 255)) % 256)
    bands[1] = bands[1].point(lambda value: min(255, round(value * saturation)))
    recoloured = Image.merge("HSV", bands).convert("RGB")
    recoloured.putalpha(alpha)
    return recoloured


def _shade(background: Image.Image, place: tuple[int, int, int]) -> None:
    """A soft shadow under a piece at (left, top, side)."""
    left, top, side = place
    shadow = Image.new("L", (side, side // 3), 0)
    inset = side // 10
    ImageDraw.Draw(shadow).ellipse((inset, inset, side - inset, side // 3 - inset), fill=80)
    shadow = shadow.filter(ImageFilter.GaussianBlur(side / 28))
    background.paste(Image.new("RGB", shadow.size, "#3b3527"), (left, top + round(side * 0.74)), shadow)
