"""The second way in: the media server asks who may send, and the engine reads what comes there.

In the media server's place an ffmpeg sends, over real RTMP, to whoever asks; what the server would ask us is asked with the
JSON of its documents (https://mediamtx.org/docs/usage/authentication).
"""

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import imageio_ffmpeg
import pytest
from django.core.checks import run_checks
from django.urls import reverse
from django.utils import timezone

from live.engines.embedded import public
from live.engines.supervisor import Supervisor
from live.models import Broadcast, IngestSession
from live.services import airing, streaming
from tests.live.scene import live, plan
from tests.live.test_engine import is_sound, segments, work
from tests.make import make_farmer, make_listing, make_moderator

pytestmark = pytest.mark.django_db

SECRET = "s" * 32
NOWHERE = "00000000000000000000000000000000"


@pytest.fixture(autouse=True)
def media_server(settings, tmp_path):
    settings.LIVE_ROOT = tmp_path
    settings.LIVE_STREAM_SECRET = SECRET
    settings.LIVE_STREAM_RTMP_URL = "rtmp://shop.example/live"
    settings.LIVE_STREAM_WHIP_URL = "https://shop.example/live"


def key_of(broadcast: Broadcast) -> UUID:
    return streaming.give_key(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=timezone.now())


@pytest.fixture
def broadcast() -> Broadcast:
    broadcast = live(make_listing(), now=timezone.now())
    broadcast.stream_key = key_of(broadcast)
    return broadcast


def ask(client, key: str, *, secret: str = SECRET, **changed: Any) -> int:
    """What MediaMTX posts when somebody connects; the status it is answered."""
    asked = {
        "user": "",
        "password": "",
        "token": "",
        "ip": "192.0.2.7",
        "action": "publish",
        "path": f"live/{key}",
        "protocol": "rtmp",
        "id": "2f4cb0d0-9d2c-4b7c-9f0a-3c1d0f5b9f11",
        "query": "",
    }
    address = reverse("live:media_server_hook", args=[secret])
    return client.post(address, json.dumps(asked | changed), content_type="application/json").status_code


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def sending(port: int, key: str, seconds: int = 60) -> Iterator[subprocess.Popen[bytes]]:
    """A picture and a tone for one reader, as the media server would hand on what OBS sends."""
    sources = ["-re", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=10", "-re", "-f", "lavfi", "-i", "sine=f=440:r=44100"]
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "10"]
    target = ["-c:a", "aac", "-t", str(seconds), "-f", "flv", "-listen", "1", f"rtmp://127.0.0.1:{port}/live/{key}"]
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *sources, *video, *target]
    with subprocess.Popen(ffmpeg) as process:
        try:
            yield process
        finally:
            process.kill()


def of(session: IngestSession) -> Callable[[Broadcast], list[str]]:
    return lambda broadcast: [file.name for file in segments(broadcast) if session.key.hex in file.name]


def newest(broadcast: Broadcast) -> IngestSession:
    return IngestSession.objects.filter(broadcast=broadcast).latest("pk")


def test_what_another_program_sends_is_watched_lost_found_again_and_kept(broadcast, client, settings):
    port, key = free_port(), broadcast.stream_key.hex
    settings.LIVE_STREAM_PULL_URL = f"rtmp://127.0.0.1:{port}/live"
    one = Supervisor()

    assert ask(client, key) == 204
    with sending(port, key):  # the engine may ask before anybody listens: then the next try has the picture
        work(one, lambda: len(segments(broadcast)) >= 2 and (public(broadcast) / "live.m3u8").exists())
    first = newest(broadcast)
    work(one, lambda: newest(broadcast).pk > first.pk)  # it is looked for again

    with sending(port, key):
        work(one, lambda: any(of(newest(broadcast))(broadcast)))
        second = newest(broadcast)
        for feed in one.feeds.values():  # its supervisor is killed while the program goes on sending
            feed.stop()
    two = Supervisor()
    with sending(port, key):
        work(two, lambda: newest(broadcast).pk > second.pk and any(of(newest(broadcast))(broadcast)))
        airing.end_broadcast(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=timezone.now())
        work(two, lambda: Broadcast.objects.filter(recorded_ms__isnull=False).exists())

    replay = (public(broadcast) / "replay.m3u8").read_text()
    assert (replay.count("#EXT-X-DISCONTINUITY\n"), replay.count("#EXT-X-ENDLIST")) == (2, 1)
    assert [file.name for file in segments(broadcast) if not is_sound(file)] == []
    assert Broadcast.objects.get().recorded_ms > 3_000
    assert not IngestSession.objects.filter(closed_at=None).exists()


def test_what_shows_nothing_is_given_up_until_somebody_sends_again(broadcast, client, settings, monkeypatch):
    settings.LIVE_STREAM_PULL_URL = f"rtmp://127.0.0.1:{free_port()}/live"
    monkeypatch.setattr("live.engines.supervisor.Stream.is_due", True)
    ask(client, broadcast.stream_key.hex)

    work(Supervisor(), lambda: not IngestSession.objects.filter(closed_at=None).exists())

    assert IngestSession.objects.count() == 5
    assert ask(client, broadcast.stream_key.hex) == 204
    assert IngestSession.objects.filter(closed_at=None).count() == 1


def test_only_who_has_the_key_sends_and_only_while_it_is_on(broadcast, client):
    key = broadcast.stream_key.hex
    planned = plan(farmer=make_farmer("Early"), listing=None)

    assert ask(client, NOWHERE) == 401
    assert ask(client, key_of(planned).hex) == 401, "not live yet"
    assert ask(client, key, path=key) == 401
    assert ask(client, key.upper()) == 401
    assert ask(client, key, protocol="srt") == 401
    assert ask(client, key, action="playback") == 401
    assert not IngestSession.objects.exists()
    assert ask(client, key, protocol="webrtc") == 204
    airing.stop_broadcast(
        broadcast_id=broadcast.pk, moderator=make_moderator(), reason="不是自家的果园。", now=timezone.now()
    )
    assert ask(client, key) == 401, "stopped"
    assert not IngestSession.objects.filter(closed_at=None).exists()


def test_only_the_engine_reads(broadcast, client):
    key = broadcast.stream_key.hex

    assert ask(client, key, action="read", protocol="rtsp", user="shop", password=SECRET) == 204
    assert ask(client, key, action="read", protocol="rtsp") == 401
    assert ask(client, key, action="read", protocol="webrtc", password=SECRET) == 401, "WHEP is open to the world"
    assert not IngestSession.objects.exists()


def test_the_servers_own_address_is_a_secret(broadcast, client, settings):
    assert ask(client, broadcast.stream_key.hex, secret="a-guess-at-the-secret") == 404
    for body in ("", "[]", "{", "[" * 9000, "x" * 20_000):
        answer = client.post(reverse("live:media_server_hook", args=[SECRET]), body, content_type="application/json")
        assert answer.status_code == 400
    settings.LIVE_STREAM_SECRET = ""
    assert client.post("/live/hooks/media//").status_code == 404
    assert not IngestSession.objects.exists()


def test_another_key_ends_what_came_under_the_old_one(broadcast, client):
    old = broadcast.stream_key.hex
    ask(client, old)

    new = key_of(broadcast).hex

    assert newest(broadcast).outcome == "REPLACED"
    assert (ask(client, old), ask(client, new)) == (401, 204)


def test_a_phone_takes_over_from_the_program_and_the_other_way_round(broadcast, client):
    client.force_login(broadcast.farmer.user)
    ask(client, broadcast.stream_key.hex)
    streamed = newest(broadcast)

    client.post(reverse("live:broadcast_recorder", args=[broadcast.pk]), {"format": "WEBM_H264"})
    streamed.refresh_from_db()
    assert (streamed.outcome, newest(broadcast).format) == ("REPLACED", "WEBM_H264")
    streaming.read_again(session_id=streamed.pk, now=timezone.now())  # told late that it was lost
    assert newest(broadcast).format == "WEBM_H264"


def test_a_phone_does_not_call_itself_a_stream(broadcast, client):
    client.force_login(broadcast.farmer.user)

    answer = client.post(reverse("live:broadcast_recorder", args=[broadcast.pk]), {"format": "STREAM"})

    assert answer.status_code == 422


def test_the_farmer_gets_the_key_goes_live_with_it_and_can_have_another(client):
    planned = plan()
    client.force_login(planned.farmer.user)
    page = reverse("live:broadcast_manage", args=[planned.pk])
    assert "Give me address and key" in client.get(page, headers={"Accept-Language": "en"}).content.decode()

    client.post(reverse("live:broadcast_stream_key", args=[planned.pk]))
    planned.refresh_from_db()
    key = planned.stream_key.hex
    shown = client.get(page).content.decode()
    assert "rtmp://shop.example/live" in shown
    assert f"https://shop.example/live/{key}/whip" in shown
    client.post(reverse("live:broadcast_stream_start", args=[planned.pk]))
    planned.refresh_from_db()
    assert planned.status == "LIVE"
    assert ask(client, key) == 204
    assert (
        "Your picture comes from the other program."
        in client.get(page, headers={"Accept-Language": "en"}).content.decode()
    )
    client.post(reverse("live:broadcast_stream_key", args=[planned.pk]))
    assert key not in client.get(page).content.decode()


def test_without_a_media_server_nobody_is_offered_one(client, settings):
    settings.LIVE_STREAM_SECRET = ""
    planned = plan()
    client.force_login(planned.farmer.user)

    assert 'id="stream"' not in client.get(reverse("live:broadcast_manage", args=[planned.pk])).content.decode()


def test_settings_that_would_not_work_are_told(settings):
    def found() -> set[str | None]:
        return {message.id for message in run_checks() if message.id and message.id.startswith("live.")}

    assert found() == set()
    settings.LIVE_STREAM_SECRET, settings.LIVE_STREAM_RTMP_URL = "with/slash", ""
    assert found() == {"live.E001", "live.E002"}
