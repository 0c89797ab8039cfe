"""Films of lessons: taken by what they are, made small and clean, shown to who may read the lesson, and never by themselves."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import StaffAct
from common.errors import InvalidInput
from common.transactions import use_case
from tests.make import make_user
from tests.training.making import make_course
from training.models import Course, Lesson, LessonVideo
from training.services import videos
from training.tasks import make_videos

SECRET = "北纬24.9537"


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> dict[str, bytes]:
    """Two seconds of a test picture and a tone, as a phone and as a browser write them; with words in them."""
    folder, made = Path(tmp_path_factory.mktemp("films")), {}
    for name, how in {"mp4": ["-c:v", "libx264", "-c:a", "aac"], "webm": ["-c:v", "libvpx", "-c:a", "libopus"]}.items():
        inputs = [
            "-f",
            "lavfi",
            "-i",
            "testsrc=duration=2:size=1280x720:rate=10",
            "-f",
            "lavfi",
            "-i",
            "sine=duration=2",
        ]
        out = folder / f"film.{name}"
        told = ["-metadata", f"location={SECRET}", "-metadata", f"comment={SECRET}"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *inputs, *how, *told, str(out)]
        subprocess.run(command, check=True, timeout=60)
        made[name] = out.read_bytes()
    return made


@pytest.fixture
def lesson(transactional_db) -> Lesson:
    return make_course(lessons=1).lessons.get()


def send(lesson: Lesson, data: bytes, name: str = "x.exe") -> LessonVideo:
    by = make_user("Staff", is_staff=True)
    upload = SimpleUploadedFile(name, data, "text/html")
    return use_case(videos.add_video)(lesson=lesson, upload=upload, by=by, now=timezone.now())


def page(client, lesson: Lesson) -> str:
    return client.get(reverse("training:lesson", args=[lesson.course.slug, 1])).content.decode()


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_film_becomes_a_small_one_with_a_poster_and_nothing_of_what_it_came_with(client, lesson, films, kind):
    video = send(lesson, films[kind])
    assert "<video" not in page(client, lesson), "not before it was made"

    make_videos()
    make_videos()

    video.refresh_from_db()
    assert (video.status, video.seconds, video.attempts) == ("READY", 2, 1)
    shown = page(client, lesson)
    assert 'preload="none"' in shown
    assert "autoplay" not in shown
    film = b"".join(client.get(reverse("training:film", args=[video.key])).streaming_content)
    poster = b"".join(client.get(reverse("training:film_poster", args=[video.key])).streaming_content)
    assert (film[4:8], poster[:4], poster[8:12]) == (b"ftyp", b"RIFF", b"WEBP")
    assert len(film) == video.size
    assert SECRET.encode() not in film + poster
    assert not storages["private"].exists(video.original)
    assert StaffAct.objects.get(kind="lesson_video").about == f"lesson:{lesson.pk}"


def test_a_player_gets_the_part_that_it_asks_for(client, lesson, films):
    video = send(lesson, films["mp4"])
    make_videos()
    address = reverse("training:film", args=[video.key])
    whole = b"".join(client.get(address).streaming_content)

    first = client.get(address, headers={"Range": "bytes=0-1"})
    rest = client.get(address, headers={"Range": "bytes=100-"})
    beyond = client.get(address, headers={"Range": f"bytes={len(whole)}-"})
    nonsense = client.get(address, headers={"Range": "bytes=9-1"})

    assert (first.status_code, first["Content-Range"], b"".join(first.streaming_content)) == (
        206,
        f"bytes 0-1/{len(whole)}",
        whole[:2],
    )
    assert b"".join(rest.streaming_content) == whole[100:]
    assert (beyond.status_code, nonsense.status_code) == (416, 416)


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"MZ" * 40, b"\x89PNG\r\n\x1a\n" + b"0" * 40, b"#EXTM3U\nfile:///etc/passwd"]
)
def test_what_is_no_film_is_refused_before_it_is_kept(lesson, data):
    with pytest.raises(InvalidInput):
        send(lesson, data, "film.mp4")

    assert LessonVideo.objects.count() == 0


def test_what_only_begins_like_a_film_or_is_too_long_is_not_shown_and_says_why(client, lesson, films, settings):
    broken = send(lesson, films["mp4"][:40] + b"x" * 4000)
    settings.LESSON_VIDEO_MAX_SECONDS = 0
    long = send(lesson, films["webm"])

    make_videos()

    assert [LessonVideo.objects.get(pk=one.pk).problem for one in (broken, long)] == ["unreadable", "too_long"]
    assert "<video" not in page(client, lesson)
    assert not storages["private"].exists(broken.original)
    assert client.get(reverse("training:film", args=[long.key])).status_code == 404


def test_too_large_is_refused(lesson, films, settings):
    settings.LESSON_VIDEO_MAX_BYTES = 1000

    with pytest.raises(InvalidInput, match="MB"):
        send(lesson, films["mp4"])


def test_a_new_film_takes_the_place_of_the_old_one_once_it_is_ready(client, lesson, films):
    old = send(lesson, films["mp4"])
    make_videos()
    new = send(lesson, films["webm"])
    assert str(old.key) in page(client, lesson), "the old one stays until then"

    make_videos()

    assert str(new.key) in page(client, lesson)
    assert not LessonVideo.objects.filter(pk=old.pk).exists()
    assert not any(storages["private"].exists(path) for path in (old.film, old.poster))


def test_of_a_course_that_is_not_published_nobody_gets_the_film(client, lesson, films):
    video = send(lesson, films["mp4"])
    make_videos()
    Course.objects.update(is_published=False)

    assert [
        client.get(reverse(f"training:{name}", args=[video.key])).status_code for name in ("film", "film_poster")
    ] == [
        404,
        404,
    ]


def test_staff_send_it_with_the_lesson_in_the_administration(client, lesson, films):
    boss = make_user("Boss", is_staff=True, is_superuser=True)
    client.force_login(boss)
    address = reverse("admin:training_lesson_change", args=[lesson.pk])
    typed = {
        "course": lesson.course_id, "position": 1, "name_zh": "垫", "name_en": "Padding", "body_zh": "一层。",
        "body_en": "By layers.", "drawing": "", "questions-TOTAL_FORMS": 0, "questions-INITIAL_FORMS": 0,
    }  # fmt: skip

    refused = client.post(address, typed | {"video": SimpleUploadedFile("film.mp4", b"<html>")})
    taken = client.post(address, typed | {"video": SimpleUploadedFile("film.mp4", films["mp4"])})

    assert (refused.status_code, taken.status_code) == (200, 302)
    assert "no film that we can use" in refused.content.decode() or "不是" in refused.content.decode()
    assert LessonVideo.objects.get().added_by == boss
