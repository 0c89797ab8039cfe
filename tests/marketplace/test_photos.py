"""Photos: what is let in, what is left of it, and that a worker may die at any time."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import Storage, storages
from PIL import Image

from accounts.models import User
from common.errors import InvalidInput
from common.storage import private_storage
from marketplace import tasks
from marketplace.models import Photo
from marketplace.services import images, photos
from tests.make import NOON, make_photo, make_user
from tests.marketplace import pictures
from tests.marketplace.pictures import SECRET, encoded, picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer() -> User:
    return make_user("farmer")


def take_in(user: User, data: bytes) -> Photo:
    return photos.upload_photo(user=user, upload=upload(data), now=NOON)


def prepared(user: User, data: bytes) -> Photo:
    photo = take_in(user, data)
    photos.process_photo(photo_id=photo.pk, now=NOON)
    photo.refresh_from_db()
    return photo


def copy_of(photo: Photo, width: int) -> bytes:
    with photo.storage.open(photo.path(width)) as file:
        return file.read()


def opened(photo: Photo, width: int) -> Image.Image:
    return Image.open(BytesIO(copy_of(photo, width)))


def is_red(colour: Any) -> bool:
    return colour[0] > 120 > colour[2]


def test_a_photo_waits_privately_under_a_random_name_until_it_is_ready(farmer):
    photo = take_in(farmer, pictures.telling_jpeg())

    assert photo.status == Photo.Status.WAITING
    assert photo.original.name == f"originals/{photo.key}"
    assert private_storage().exists(photo.original.name)
    assert photo.url(320) == ""
    assert not photo.storage.exists(photo.path(320))


def test_a_ready_photo_has_every_size_as_webp_and_no_original(farmer):
    photo = take_in(farmer, pictures.telling_jpeg())
    original = photo.original.name or ""

    assert photos.process_photo(photo_id=photo.pk, now=NOON)

    photo.refresh_from_db()
    assert (photo.status, photo.width, photo.height) == (Photo.Status.READY, 1600, 1200)
    assert photo.sizes == sorted(settings.PHOTO_WIDTHS)
    for width in photo.sizes:
        copy = opened(photo, width)
        assert (copy.format, copy.width, copy.height) == ("WEBP", width, width * 3 // 4)
    assert not photo.original
    assert not private_storage().exists(original)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pictures.telling_jpeg(), id="jpeg with exif, gps, xmp, icc, comment and html"),
        pytest.param(pictures.telling_jpeg(progressive=True), id="progressive jpeg"),
        pytest.param(pictures.telling_jpeg(orientation=6), id="turned jpeg"),
        pytest.param(pictures.telling_png(), id="png with words"),
        pytest.param(pictures.telling_png(mode="P"), id="png with a palette"),
        pytest.param(pictures.telling_png(mode="LA"), id="grey png with alpha"),
        pytest.param(pictures.telling_webp(), id="webp with exif and xmp"),
        pytest.param(encoded(picture(mode="CMYK"), comment=SECRET), id="cmyk jpeg"),
        pytest.param(encoded(picture(mode="L"), comment=SECRET), id="grey jpeg"),
        pytest.param(pictures.grey_16_bit(), id="16-bit png"),
        pytest.param(pictures.animated_png(), id="animated png"),
    ],
)
def test_nothing_but_pixels_is_left(farmer, data):
    photo = prepared(farmer, data)

    assert photo.status == Photo.Status.READY
    for width in photo.sizes:
        copy = copy_of(photo, width)
        image = Image.open(BytesIO(copy))
        assert SECRET not in copy
        assert not [word for word in (b"EXIF", b"XMP ", b"ICCP", b"Exif", b"<html") if word in copy]
        assert not image.getexif()
        assert "icc_profile" not in image.info
        assert getattr(image, "n_frames", 1) == 1
        assert image.mode == "RGB"


def test_the_control_saving_the_opened_picture_again_would_keep_its_secrets():
    again = BytesIO()
    with Image.open(BytesIO(pictures.telling_jpeg())) as image:
        image.save(again, "JPEG")

    assert SECRET in again.getvalue()


@pytest.mark.parametrize(("orientation", "sideways"), [(1, False), (3, False), (6, True), (8, True)])
def test_a_photo_stands_as_it_was_taken(farmer, orientation, sideways):
    photo = prepared(farmer, pictures.telling_jpeg(orientation))

    assert (photo.width, photo.height) == ((1200, 1600) if sideways else (1600, 1200))
    copy = opened(photo, 320).convert("RGB")
    middle = copy.width // 2, copy.height // 2
    red_at = {
        1: (middle[0], 5),
        3: (middle[0], copy.height - 5),
        6: (copy.width - 5, middle[1]),
        8: (5, middle[1]),
    }[orientation]
    assert is_red(copy.getpixel(red_at))


def test_dark_and_light_of_a_16_bit_scan_stay_apart(farmer):
    copy = opened(prepared(farmer, pictures.grey_16_bit()), 300).convert("L")

    assert copy.getpixel((150, 20)) < 40
    assert copy.getpixel((150, 180)) > 220


def test_a_see_through_picture_stands_on_white(farmer):
    photo = prepared(farmer, encoded(Image.new("RGBA", (200, 200), (0, 0, 0, 0)), "PNG"))

    assert opened(photo, 200).convert("L").getextrema()[0] > 250


@pytest.mark.parametrize(("width", "sizes"), [(250, [250]), (320, [320]), (500, [320, 500]), (4000, [320, 640, 1280])])
def test_a_small_picture_is_never_enlarged(width, sizes):
    assert images.widths_for(width) == sizes


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"hello", "not a photo", id="text"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg' width='500' height='500'/>", "not a photo", id="svg"),
        pytest.param(encoded(picture(), "GIF"), "not a photo", id="gif"),
        pytest.param(encoded(picture(), "BMP"), "not a photo", id="bmp"),
        pytest.param(encoded(picture(), "PDF"), "not a photo", id="pdf"),
        pytest.param(pictures.telling_jpeg()[:4000], "whole", id="truncated jpeg with a thumbnail's worth of header"),
        pytest.param(encoded(picture())[:-400], "whole", id="jpeg without its end"),
        pytest.param(encoded(picture(), "PNG")[:-20], "whole", id="png without its end"),
        pytest.param(encoded(picture(), "WEBP")[:-20], "whole", id="webp without its end"),
        pytest.param(b"\x00\x00\x00\x18ftypheic" + bytes(64), "HEIC", id="heic"),
        pytest.param(pictures.bomb(), "too large", id="169 megapixels in 20 KiB"),
        pytest.param(encoded(picture(5000, 4100, "P"), "PNG"), "at most 20 million", id="a png of 20.5 megapixels"),
        pytest.param(encoded(picture(40, 40)), "too small", id="an icon"),
        pytest.param(encoded(picture(2000, 200)), "too long", id="a strip"),
    ],
)
def test_what_is_not_a_photo_is_refused_in_words(farmer, data, words, settings):
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(InvalidInput) as refused:
        take_in(farmer, data)

    assert words in str(refused.value)
    assert refused.value.field == "photos"
    assert not Photo.objects.exists()


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": pictures.exif()}], ids=["VP8", "VP8L", "VP8X"])
def test_the_size_of_a_webp_is_known_before_it_is_opened(options):
    assert images._webp_size(encoded(picture(1234, 987), "WEBP", **options)) == (1234, 987)
    assert images._webp_size(encoded(picture())) == (0, 0)


def test_a_webp_that_says_it_is_huge_is_refused_before_it_is_opened(farmer, monkeypatch):
    huge = bytearray(pictures.telling_webp())
    assert huge[12:16] == b"VP8X"
    huge[24:30] = (16_382).to_bytes(3, "little") * 2
    monkeypatch.setattr(Image, "open", lambda *args, **kwargs: pytest.fail("opened"))

    with pytest.raises(InvalidInput):
        take_in(farmer, bytes(huge))


def test_a_file_over_the_limit_is_refused_before_it_is_read(farmer, settings):
    settings.PHOTO_MAX_BYTES = 1000
    with pytest.raises(InvalidInput):
        take_in(farmer, encoded(picture()))


def test_a_bomb_that_lies_about_its_size_is_refused_by_the_worker_too(farmer, monkeypatch):
    monkeypatch.setattr(photos, "check_upload", lambda upload: upload.read())

    photo = prepared(farmer, pictures.bomb())

    assert photo.status == Photo.Status.REFUSED


def test_more_photos_than_any_household_needs_are_refused(farmer, monkeypatch):
    monkeypatch.setattr(photos, "UPLOADS_PER_DAY", 1)
    take_in(farmer, encoded(picture()))

    with pytest.raises(photos.TooManyPhotos):
        take_in(farmer, encoded(picture()))


def test_what_the_worker_cannot_decode_is_refused_at_once_and_forgotten(farmer, monkeypatch):
    broken = bytearray(encoded(picture(), "PNG"))
    broken[60:160] = bytes(100)  # the header and the end are whole, the pixels are not
    photo = prepared(farmer, bytes(broken))

    assert photo.status == Photo.Status.REFUSED
    assert not photo.original


def test_preparing_twice_changes_nothing(farmer):
    photo = prepared(farmer, encoded(picture()))
    before = copy_of(photo, 320)

    assert not photos.process_photo(photo_id=photo.pk, now=NOON)
    assert copy_of(photo, 320) == before


def test_a_photo_another_worker_has_is_left_alone(farmer, monkeypatch):
    photo = take_in(farmer, encoded(picture()))
    inside: list[bool] = []
    really_clean = images.clean

    def clean(data: bytes) -> images.Cleaned:
        inside.append(photos.process_photo(photo_id=photo.pk, now=NOON))
        return really_clean(data)

    monkeypatch.setattr(images, "clean", clean)

    assert photos.process_photo(photo_id=photo.pk, now=NOON)
    assert inside == [False]


def test_a_worker_that_died_is_replaced_when_its_claim_lapses(farmer):
    photo = take_in(farmer, encoded(picture()))
    assert photos._claim(photo.pk, NOON)  # and then it was killed

    assert not photos.process_photo(photo_id=photo.pk, now=NOON)
    assert photos.process_photo(photo_id=photo.pk, now=NOON + photos.CLAIM + timedelta(seconds=1))


def test_a_photo_that_kills_its_workers_is_given_up(farmer):
    photo = take_in(farmer, encoded(picture()))
    later = NOON
    for _ in range(photos.MAX_ATTEMPTS):
        assert photos._claim(photo.pk, later)
        later += photos.CLAIM + timedelta(seconds=1)

    assert not photos.process_photo(photo_id=photo.pk, now=later)
    photo.refresh_from_db()
    assert photo.status == Photo.Status.REFUSED
    assert photos.forget_originals_left_behind() == 1
    photo.refresh_from_db()
    assert not photo.original


def test_a_full_disk_is_tried_again_and_then_told(farmer, monkeypatch):
    photo = take_in(farmer, encoded(picture()))
    later = NOON

    def full(storage: Storage, path: str, data: bytes) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(photos, "_store", full)
    statuses = []
    for _ in range(photos.MAX_ATTEMPTS):
        photos.process_photo(photo_id=photo.pk, now=later)
        photo.refresh_from_db()
        statuses.append(photo.status)
        later += photos.CLAIM + timedelta(seconds=1)

    assert statuses == ["WAITING", "WAITING", "REFUSED"]


def test_a_copy_half_written_by_a_dead_worker_is_replaced(farmer):
    photo = take_in(farmer, encoded(picture()))
    photos._store(photo.storage, photo.path(320), b"half")

    photos.process_photo(photo_id=photo.pk, now=NOON)
    photo.refresh_from_db()

    assert opened(photo, 320).width == 320
    folder = Path(storages["private"].path(photo.path(320))).parent
    assert sorted(file.name for file in folder.iterdir()) == ["320.webp", "640.webp"]


def test_the_task_prepares_what_waits_and_one_bad_photo_stops_no_other(farmer, monkeypatch):
    bad, good = take_in(farmer, encoded(picture())), take_in(farmer, encoded(picture()))
    really = photos.process_photo

    def process(*, photo_id: int, **rest: Any) -> bool:
        if photo_id == bad.pk:
            raise RuntimeError("out of luck")
        return really(photo_id=photo_id, **rest)

    monkeypatch.setattr(photos, "process_photo", process)
    tasks.process_waiting_photos()
    tasks.process_waiting_photos()

    good.refresh_from_db()
    assert good.status == Photo.Status.READY


def test_only_ones_own_photos_are_found_by_key(farmer):
    stranger = make_user("stranger")
    mine, second, theirs = make_photo(farmer), make_photo(farmer), make_photo(stranger)

    keys = [str(second.key), "nonsense", str(theirs.key), str(mine.key), str(second.key)]

    assert photos.photos_of(farmer, keys) == [second, mine]
