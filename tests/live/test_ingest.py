"""Pieces of video: each once, in order, of the broadcaster alone, and no more than a recorder makes."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from live import spool
from live.models import IngestSession
from live.services import airing
from tests.live.scene import live, plan
from tests.make import make_farmer, make_listing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.LIVE_ROOT = tmp_path


@pytest.fixture
def broadcast():
    return live(make_listing(), now=timezone.now())


@pytest.fixture
def farmer(client, broadcast) -> Client:
    client.force_login(broadcast.farmer.user)
    return client


def begin(client, broadcast, format="WEBM_H264"):
    answer = client.post(reverse("live:broadcast_recorder", args=[broadcast.pk]), {"format": format})
    return answer.json()["address"] if answer.status_code == 200 else answer


def send(client, address, number, piece=b"piece"):
    return client.post(f"{address}{number}/", piece, content_type="application/octet-stream")


def test_a_piece_sent_twice_is_there_once_and_none_is_there_without_those_before(farmer, broadcast):
    address = begin(farmer, broadcast)

    answers = [
        send(farmer, address, number, piece) for number, piece in ((0, b"ab"), (0, b"ab"), (2, b"ef"), (1, b"cd"))
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 412, 200]
    assert answers[2].json()["expected"] == 1
    assert spool.media(IngestSession.objects.get().key).read_bytes() == b"abcd"


def test_what_a_killed_process_left_half_written_does_not_count(farmer, broadcast):
    address = begin(farmer, broadcast)
    send(farmer, address, 0, b"ab")
    with spool.media(IngestSession.objects.get().key).open("ab") as file:
        file.write(b"half of")

    send(farmer, address, 1, b"cd")

    assert spool.media(IngestSession.objects.get().key).read_bytes() == b"abcd"


def test_a_new_recorder_ends_the_one_before_and_the_end_ends_all(farmer, broadcast):
    first, second = begin(farmer, broadcast), begin(farmer, broadcast)

    assert (send(farmer, first, 0).status_code, send(farmer, second, 0).status_code) == (409, 200)
    assert send(farmer, first, 0).json()["code"] == "new_recorder_needed"

    airing.end_broadcast(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=timezone.now())
    assert send(farmer, second, 1).json()["code"] == "not_on_air"
    assert begin(farmer, broadcast).status_code == 409


def test_nobody_else_sends_and_not_too_much(farmer, broadcast, settings, client):
    address = begin(farmer, broadcast)
    other = Client()
    other.force_login(make_farmer().user)
    settings.LIVE_MAX_PIECE, settings.LIVE_MAX_BYTES_PER_SECOND = 100, 1

    codes = [
        send(Client(), address, 0).status_code,
        send(other, address, 0).status_code,
        begin(other, broadcast).status_code,
        send(farmer, address, 0, b"x" * 101).status_code,
        send(farmer, address, 0, b"x" * 99).status_code,
        begin(farmer, broadcast, "FLV; rm -rf /").status_code,
    ]

    assert codes == [404, 404, 404, 413, 429, 422]
    assert spool.read_note(IngestSession.objects.get().key).pieces == 0


def test_a_new_recorder_brings_no_new_allowance(farmer, broadcast, settings):
    settings.LIVE_MAX_BYTES_PER_SECOND = 1
    codes = [send(farmer, begin(farmer, broadcast), 0, b"x" * 60).status_code for _recorder in range(3)]

    assert codes == [200, 429, 429]


def test_a_misspelt_address_takes_no_playlist_from_those_who_watch(client, broadcast, settings):
    key = broadcast.key.hex
    folder = settings.LIVE_ROOT / "public" / key
    folder.mkdir(parents=True)
    (folder / "live.m3u8").write_text("#EXTM3U")

    codes = [client.get(f"/live/media/{name}/live.m3u8").status_code for name in (f"{key}-x", key.upper(), key)]

    assert codes == [404, 404, 200]


def test_only_so_many_need_transcoding_at_once(farmer, broadcast):
    begin(farmer, broadcast, "WEBM_VP8")
    other = live(make_listing(), now=timezone.now())
    client = Client()
    client.force_login(other.farmer.user)

    assert begin(client, other, "WEBM_VP8").json()["code"] == "too_many_on_air"
    assert isinstance(begin(client, other), str)


def test_the_line_is_measured_with_bytes_that_are_kept_nowhere(client, settings, tmp_path):
    settings.LIVE_ROOT = tmp_path
    broadcast = plan()
    client.force_login(broadcast.farmer.user)
    address = reverse("live:broadcast_line", args=[broadcast.pk])

    assert client.post(address, b"\0" * 150_000, content_type="application/octet-stream").json() == {"bytes": 150_000}
    assert client.post(address, b"\0" * 300_000, content_type="application/octet-stream").status_code == 413
    assert list(tmp_path.iterdir()) == []
