"""Promise: whatever is sent as a photo, what the shop shows is pixels and nothing else, and no picture takes the memory.

Each case goes the way of a farmer's photo: the upload's address, then the worker's task. What it leaves on disk is read
byte by byte; how much memory the worker took at its peak is the kernel's word (VmHWM).
"""

import resource
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image

from common.memory import at_most
from marketplace import tasks
from marketplace.models import Photo
from marketplace.services import images, photos
from tests.make import make_farmer
from tests.marketplace import pictures
from tests.marketplace.pictures import SECRET, encoded, picture, upload

pytestmark = pytest.mark.django_db

MB = 1024 * 1024
BOUND = 400  # MB beyond what the worker had; the largest pictures let in took 305 when this was written
PIXELS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}  # what a WebP needs to be a picture


def with_a_program(picture_bytes: bytes) -> bytes:
    """A file that is a picture from its beginning and a Java archive from its end."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", b"Main-Class: Evil")
        jar.writestr("Evil.class", SECRET)
    return picture_bytes + archive.getvalue()


def without_a_size(data: bytes) -> bytes:
    """A JPEG whose header says that it is 0 x 0 px."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + bytes(4) + data[at + 4 :]


def deep_png() -> bytes:
    """A PNG with 16 bits a channel, in grey, with words of its owner in its last chunk."""
    grey = pictures.grey_16_bit()
    words = b"tEXt" + b"Comment\0" + SECRET
    chunk = struct.pack(">I", len(words) - 4) + words + struct.pack(">I", zlib.crc32(words))
    return grey[:-12] + chunk + grey[-12:]


CLEANED = {
    "GPS, XMP, comment, ICC, and a page of HTML at the end": pictures.telling_jpeg,
    "the same, held sideways": lambda: pictures.telling_jpeg(orientation=6),
    "words and XMP in a PNG": pictures.telling_png,
    "EXIF and XMP in a WebP": pictures.telling_webp,
    "a picture that is a program, too": lambda: with_a_program(pictures.telling_jpeg()),
    "CMYK, as from a printer's": lambda: encoded(picture(mode="CMYK"), comment=SECRET),
    "16 bits of grey": deep_png,
    "an animation": pictures.animated_png,
}
REFUSED = {
    "a GIF that is a program": lambda: with_a_program(encoded(picture(), "GIF")),
    "a drawing with a script": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a page": lambda: b"<!doctype html><script>alert(1)</script>",
    "0 x 0": lambda: without_a_size(encoded(picture())),
    "cut off on the way": lambda: pictures.telling_jpeg()[:20_000],
    "900 megapixels in 106 KiB": lambda: pictures.bomb(30_000, 30_000),
}


@pytest.fixture
def farmer(client: Client) -> Client:
    """A farmer at their phone."""
    client.force_login(make_farmer().user)
    return client


def send(farmer: Client, data: bytes) -> int:
    """Upload it and let the worker do its work; the answer's status."""
    status = farmer.post(reverse("marketplace:photo_upload"), {"photo": upload(data)}).status_code
    tasks.process_waiting_photos()
    return status


def files_kept() -> list[Path]:
    """Everything on disk that came of an upload, public or private."""
    folders = [
        Path(settings.MEDIA_ROOT, "photos"),
        *(Path(settings.PRIVATE_ROOT, name) for name in ("photos", "originals")),
    ]
    return [file for folder in folders for file in folder.rglob("*") if file.is_file()]


def bytes_that_are_no_pixels(webp: bytes) -> int:
    """How many bytes of a WebP stand in chunks that say something beside the picture, or after its end."""
    assert webp[:4] == b"RIFF"
    assert webp[8:12] == b"WEBP"
    end, at, found = int.from_bytes(webp[4:8], "little") + 8, 12, 0
    while at < end:
        kind, length = webp[at : at + 4], int.from_bytes(webp[at + 4 : at + 8], "little")
        found += 0 if kind in PIXELS else 8 + length
        at += 8 + length + length % 2
    return found + len(webp) - end


def megabytes(line: str) -> int:
    """A line of what the kernel says about this process."""
    said = Path("/proc/self/status").read_text().split(f"{line}:")[1]
    return int(said.split()[0]) // 1024


@pytest.fixture
def peak() -> Iterator[list[int]]:
    """After the test, fails when memory went up by more than BOUND megabytes at any moment of it."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the peaks of other tests
    before = megabytes("VmRSS")
    taken: list[int] = []
    yield taken
    taken.append(megabytes("VmHWM") - before)
    assert taken[0] < BOUND, f"took {taken[0]} MB"


@pytest.mark.parametrize("what", CLEANED)
def test_nothing_but_pixels_survives(farmer: Client, peak: list[int], what: str) -> None:
    data = CLEANED[what]()
    assert send(farmer, data) == 201

    photo = Photo.objects.get()
    copies = [file for file in files_kept() if str(photo.key) in str(file)]
    assert photo.status == Photo.Status.READY
    assert len(copies) == len(photo.sizes), "each size, and the original is gone"
    for file in copies:
        kept = file.read_bytes()
        assert bytes_that_are_no_pixels(kept) == 0
        assert SECRET not in kept
        with Image.open(file) as shown:
            assert (shown.format, shown.mode) == ("WEBP", "RGB")
            assert getattr(shown, "n_frames", 1) == 1
            assert not {"exif", "xmp", "icc_profile", "comment"} & shown.info.keys()


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_leaves_nothing_behind(farmer: Client, peak: list[int], what: str) -> None:
    before = set(files_kept())

    assert send(farmer, REFUSED[what]()) == 422

    assert not Photo.objects.exists()
    assert set(files_kept()) == before


LARGEST = {
    "JPEG": lambda: encoded(picture(7300, 5400), progressive=True),
    "PNG": lambda: encoded(picture(5000, 3999, "RGBA"), "PNG", compress_level=1),
    "WebP": lambda: encoded(picture(5000, 3999), "WEBP", method=0),
}


@pytest.mark.parametrize("kind", LARGEST)
def test_the_largest_pictures_let_in_are_cleaned_within_bounds(farmer: Client, kind: str) -> None:
    data = LARGEST[kind]()
    Path("/proc/self/clear_refs").write_text("5")  # the picture itself was drawn in this process
    before = megabytes("VmRSS")

    assert send(farmer, data) == 201

    assert Photo.objects.get().status == Photo.Status.READY
    assert megabytes("VmHWM") - before < BOUND


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the look at the header, as for a picture that found a way to lie about its size."""
    monkeypatch.setattr(photos, "check_upload", lambda upload: upload.read())
    monkeypatch.setattr(images, "check_picture", lambda data: None)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)


def test_a_bomb_that_gets_past_the_first_look_meets_the_ceiling(farmer: Client, unguarded: None, caplog) -> None:
    Path("/proc/self/clear_refs").write_text("5")
    before = megabytes("VmRSS")

    assert send(farmer, pictures.bomb(30_000, 30_000)) == 201  # 900 MB of pixels

    assert megabytes("VmHWM") - before < settings.PHOTO_MEMORY // MB + 100
    assert "MemoryError" in caplog.text, "the worker lives, and says why"
    photo = Photo.objects.get()
    for _ in range(photos.MAX_ATTEMPTS):
        Photo.objects.update(claimed_until=None)
        tasks.process_waiting_photos()
    photo.refresh_from_db()
    assert photo.status == Photo.Status.REFUSED
    assert not photo.original


def test_without_the_ceiling_the_same_bomb_takes_what_it_wants(farmer: Client, unguarded: None, monkeypatch) -> None:
    """The control, with a smaller bomb: 169 MB of pixels against a ceiling of 100."""
    monkeypatch.setattr(settings, "PHOTO_MEMORY", 100 * MB)
    monkeypatch.setattr(photos, "at_most", lambda more_bytes: at_most(more_bytes + 10_000 * MB))
    Path("/proc/self/clear_refs").write_text("5")
    before = megabytes("VmRSS")

    send(farmer, pictures.bomb())

    assert megabytes("VmHWM") - before > 150


def test_the_ceiling_is_lifted_again_and_never_raised() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with at_most(64 * MB):
        inside = resource.getrlimit(resource.RLIMIT_AS)
        with pytest.raises(MemoryError):
            bytearray(256 * MB)
        with at_most(1024 * MB):
            assert resource.getrlimit(resource.RLIMIT_AS) == inside
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert len(bytearray(256 * MB)) == 256 * MB
