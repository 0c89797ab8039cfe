"""Pictures as they come off phones, out of scanners and from people with bad intentions."""

import struct
import zlib
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, PngImagePlugin

SECRET = b"SECRET-OF-THE-HOUSE"  # planted wherever a format lets one write words


def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """Red above, blue below, so that one can tell which way up it is."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (0, height // 2, width, height))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def upload(data: bytes, name: str = "IMG_20261124 陈桂兰.jpg", content_type: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=content_type)


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: its maker, an owner's words, which way it was held, and where."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "SecretPhone"
    block[0x010E] = SECRET.decode()
    gps = block.get_ifd(0x8825)
    gps.update({1: "N", 2: (24.0, 57.0, 36.0), 3: "E", 4: (115.0, 38.0, 60.0), 29: SECRET.decode()})
    return block


def telling_jpeg(orientation: int = 1, **options: Any) -> bytes:
    """A JPEG with EXIF and GPS, XMP, a comment, a colour profile and a page of HTML at its end."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(
        picture(1600, 1200),
        quality=90,
        exif=exif(orientation),
        comment=SECRET,
        icc_profile=profile + SECRET,
        xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>",
        **options,
    )
    return data + b"<html><script>alert('" + SECRET + b"')</script></html>"


def telling_png(mode: str = "RGBA") -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", SECRET.decode())
    words.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=False)
    return encoded(picture(mode=mode), "PNG", pnginfo=words, exif=exif())


def telling_webp() -> bytes:
    return encoded(picture(), "WEBP", exif=exif(), xmp=SECRET)


def grey_16_bit() -> bytes:
    """A 16-bit grey PNG, dark above and light below."""
    pixels = struct.pack("<H", 0x1000) * 30_000 + struct.pack("<H", 0xF000) * 30_000
    return encoded(Image.frombytes("I;16", (300, 200), pixels), "PNG")


def animated_png() -> bytes:
    return encoded(picture(), "PNG", save_all=True, append_images=[picture(mode="L").convert("RGB")])


def bomb(width: int = 13_000, height: int = 13_000) -> bytes:
    """A PNG of 20 KiB that unpacks to 169 million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixels = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
