"""The embedded engine with a real ffmpeg: segments, a killed ffmpeg, a killed supervisor, a recording with its gaps."""

import re
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import imageio_ffmpeg
import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from live import playlists, spool
from live.engines.embedded import public, withheld
from live.engines.supervisor import Supervisor
from live.models import Broadcast, IngestSession
from live.services import airing, recorders
from tests.live.scene import live
from tests.make import make_listing, make_moderator

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> bytes:
    """Four seconds of H.264 and Opus in WebM's container, a keyframe each second, as a phone's recorder makes it."""
    file = tmp_path_factory.mktemp("video") / "phone.mkv"
    sources = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=10", "-f", "lavfi", "-i", "sine=f=440:r=48000"]
    codecs = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "10",
        "-c:a",
        "libopus",
        "-b:a",
        "32k",
    ]
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-loglevel", "error", *sources, *codecs, "-t", "4", str(file)], check=True)
    return file.read_bytes()


@pytest.fixture(scope="module")
def of_phones(video, tmp_path_factory) -> dict[str, bytes]:
    """The same as other phones make it: an iPhone's pieces of MP4, and VP8 from one that has no H.264."""
    folder, ffmpeg = tmp_path_factory.mktemp("phones"), [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error"]
    pieces = ["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-c:v", "copy", "-c:a", "aac"]
    made = {"MP4_H264": (*pieces, "phone.mp4"), "WEBM_VP8": ("-c:v", "libvpx", "-deadline", "realtime", "phone.webm")}
    (folder / "source.mkv").write_bytes(video)
    for how in made.values():
        subprocess.run([*ffmpeg, "-i", "source.mkv", "-t", "2", *how], check=True, cwd=folder)
    return {format: (folder / how[-1]).read_bytes() for format, how in made.items()}


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.LIVE_ROOT = tmp_path


@pytest.fixture
def broadcast() -> Broadcast:
    return live(make_listing(), now=timezone.now())


def record(broadcast: Broadcast, video: bytes, part: float = 1.0, format: str = "WEBM_H264") -> IngestSession:
    session = recorders.open_session(
        broadcast_id=broadcast.pk, farmer=broadcast.farmer, format=format, now=timezone.now()
    )
    size = len(video) // 8
    for number, at in enumerate(range(0, int(len(video) * part), size)):
        spool.append(session.key, number, video[at : at + size], most=10**8)
    return session


def work(supervisor: Supervisor, until: Callable[[], object]) -> None:
    end = time.monotonic() + 180  # of a busy machine
    while not until():
        assert time.monotonic() < end, "the engine did not get there"
        supervisor._looked = -1e9
        supervisor.step()
        time.sleep(0.05)


def segments(broadcast: Broadcast) -> list[Path]:
    return sorted(public(broadcast).glob("*.ts"))


def outcome(session: IngestSession) -> str:
    session.refresh_from_db()
    return session.outcome


def is_sound(segment: Path) -> bool:
    """Whether all of it decodes. What a busy machine's recorder says about when is no fault of the segment."""
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-xerror", "-err_detect", "explode", "-i", str(segment)]
    return subprocess.run([*ffmpeg, "-f", "null", "-"], capture_output=True, check=False).returncode == 0


def inside(segment: Path) -> list[str]:
    """The codecs of its streams."""
    told = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(segment)], capture_output=True, check=False
    ).stderr
    return sorted(re.findall(r"(?:Video|Audio): (\w+)", told.decode()))


def test_a_show_with_two_accidents_is_one_recording_that_plays_from_end_to_end(broadcast, video, client):
    one, two = Supervisor(), Supervisor()
    first = record(broadcast, video)
    work(one, lambda: len(segments(broadcast)) >= 2 and (public(broadcast) / "live.m3u8").exists())
    playlist = reverse("live:media", args=[broadcast.key.hex, "live.m3u8"])
    answer = client.get(playlist)
    assert (answer["Cache-Control"], answer["Content-Type"]) == ("no-cache", "application/vnd.apple.mpegurl")
    segment = client.get(reverse("live:media", args=[broadcast.key.hex, segments(broadcast)[0].name]))
    assert "immutable" in segment["Cache-Control"]

    work(one, lambda: (public(broadcast) / "still.jpg").exists())
    still = client.get(reverse("live:media", args=[broadcast.key.hex, "still.jpg"]))
    assert (still["Content-Type"], still.content[:2]) == ("image/jpeg", b"\xff\xd8")

    one.feeds[first.pk].process.kill()
    work(one, lambda: outcome(first) == "FAILED")
    second = record(broadcast, video, part=0.7)
    work(one, lambda: any(second.key.hex in file.name for file in segments(broadcast)))
    orphan = one.feeds.pop(second.pk)  # its supervisor was killed: the pipe ends, another supervisor takes over
    orphan.stop()
    work(two, lambda: outcome(second) == "FAILED")
    third = record(broadcast, video)
    work(two, lambda: any(third.key.hex in file.name for file in segments(broadcast)))
    airing.end_broadcast(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=timezone.now())
    work(two, lambda: Broadcast.objects.filter(recorded_ms__isnull=False).exists())

    cache.clear()
    assert client.get(reverse("live:media", args=[broadcast.key.hex, "still.jpg"])).status_code == 404, "it is over"
    replay = (public(broadcast) / "replay.m3u8").read_text()
    assert (replay.count("#EXT-X-DISCONTINUITY\n"), replay.count("#EXT-X-ENDLIST")) == (2, 1)
    broadcast.refresh_from_db()
    assert 7_000 <= broadcast.recorded_ms < 13_000
    assert len([file for file in segments(broadcast) if third.key.hex in file.name]) == 4, (
        "from the first to the last second"
    )
    assert broadcast.pins.get().at_ms == 0
    assert not any(spool.directory(session.key).exists() for session in (first, second, third))
    assert [file.name for file in segments(broadcast) if not is_sound(file)] == []


def test_each_kind_of_phone_is_made_into_what_every_browser_plays(of_phones):
    supervisor = Supervisor()
    for format, video in of_phones.items():
        broadcast = live(make_listing(), now=timezone.now())
        record(broadcast, video, format=format)
        airing.end_broadcast(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=timezone.now())

    work(supervisor, lambda: not Broadcast.objects.filter(recorded_ms=None).exists())

    for broadcast in Broadcast.objects.all():
        assert 1_500 < broadcast.recorded_ms < 3_000
        streams = [inside(file) for file in segments(broadcast)]
        assert streams == [["aac", "h264"]] * len(streams)
        assert len(streams) >= 2


def test_what_is_no_video_is_given_up_and_a_stopped_show_is_served_to_nobody(broadcast, video, client):
    supervisor = Supervisor()
    junk = record(broadcast, b"#EXTM3U\nfile:///etc/passwd\n" * 4000)
    work(supervisor, lambda: outcome(junk) == "FAILED")
    record(broadcast, video)
    work(supervisor, lambda: len(segments(broadcast)) >= 2)
    name = segments(broadcast)[0].name

    airing.stop_broadcast(broadcast_id=broadcast.pk, moderator=make_moderator(), reason="假的", now=timezone.now())
    work(supervisor, lambda: withheld(broadcast).exists())

    for wanted in ("live.m3u8", "replay.m3u8", name, "../lock"):
        assert client.get(f"/live/media/{broadcast.key.hex}/{wanted}").status_code == 404


def test_one_that_cannot_be_carried_keeps_none_of_the_others(broadcast, video):
    supervisor, other = Supervisor(), live(make_listing(), now=timezone.now())
    spoilt = record(broadcast, video)
    spool.media(spoilt.key).unlink()
    record(other, video)

    work(supervisor, lambda: len(segments(other)) >= 2)

    airing.end_broadcast(broadcast_id=other.pk, farmer=other.farmer, now=timezone.now())
    work(supervisor, lambda: Broadcast.objects.filter(pk=other.pk, recorded_ms__gt=0).exists())
    for feed in supervisor.feeds.values():
        feed.stop()


def test_many_recorders_at_once_are_taken_a_few_at_a_time(broadcast, video):
    supervisor, most = Supervisor(), []
    sessions = [record(broadcast, video, part=0.5) for _recorder in range(6)]
    airing.end_broadcast(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=timezone.now())

    def is_kept() -> bool:
        most.append(len(supervisor.feeds))
        return Broadcast.objects.filter(recorded_ms__gt=0).exists()

    work(supervisor, is_kept)

    assert max(most) == 3
    names = [file.name[:32] for file in segments(broadcast)]
    assert set(names) == {session.key.hex for session in sessions}


def test_playlists_count_what_has_left_them_and_know_where_a_moment_is():
    began = timezone.now()
    found = [
        playlists.Segment(
            f"{'a' * 32}-{n:06d}.ts", 1.0, began + timedelta(seconds=n + (20 if n >= 6 else 0)), n in (0, 6)
        )
        for n in range(20)
    ]

    text = playlists.now(found, is_over=False)

    assert "#EXT-X-MEDIA-SEQUENCE:8\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in text
    assert text.count("#EXT-X-DISCONTINUITY\n") == 0
    assert playlists.now(found[:16], is_over=True).count("#EXT-X-DISCONTINUITY\n") == 1
    moments = [playlists.position_ms(found, began + timedelta(seconds=at)) for at in (-5, 2.5, 15, 27, 99)]
    assert moments == [0, 2500, 6000, 7000, 20000]
