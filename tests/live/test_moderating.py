"""Moderators watch any broadcast and stop it with a reason; recordings are kept for a set time, and so many bytes."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import StaffAct
from accounts.services.acts import declare_tie
from live import spool
from live.models import Broadcast
from live.services import airing, recorders
from live.tasks import forget_recordings
from marketplace.models import Lot
from notifications.models import Notification
from tests.live.scene import live, plan
from tests.make import make_farmer, make_listing, make_moderator, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.LIVE_ROOT = tmp_path


@pytest.fixture
def moderator(client):
    moderator = make_moderator()
    client.force_login(moderator)
    return moderator


def recorded(settings, *, ended_at, size=1000, listing=None) -> Broadcast:
    """A broadcast that is over, with a recording of so many bytes."""
    broadcast = live(listing or make_listing(), now=ended_at - timedelta(hours=1))
    airing.end_broadcast(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=ended_at)
    recorders.keep_recording(broadcast_id=broadcast.pk, length_ms=5000, size=size, pinned_at_ms={})
    video(settings, broadcast)
    return broadcast


def video(settings, broadcast, folder="public") -> Path:
    here = Path(settings.LIVE_ROOT, folder, broadcast.key.hex)
    here.mkdir(parents=True)
    (here / "replay.m3u8").write_text("#EXTM3U")
    (here / f"{'a' * 32}-000001.ts").write_bytes(b"video")
    return here


def desk(broadcast):
    return reverse("live:broadcast_desk", args=[broadcast.pk])


def media(broadcast, name):
    return reverse("live:broadcast_desk_media", args=[broadcast.pk, name])


@pytest.mark.parametrize("stage", ["PLANNED", "LIVE", "ENDED"])
def test_any_broadcast_can_be_stopped_and_the_farmer_is_told_why(client, moderator, settings, stage):
    now = timezone.now()
    if stage == "PLANNED":
        broadcast = plan(listing=make_listing(), now=now)
    elif stage == "LIVE":
        broadcast = live(make_listing(), now=now)
    else:
        broadcast = recorded(settings, ended_at=now)

    assert client.post(desk(broadcast), {"ready": "", "words": " "}).status_code == 422
    answer = client.post(desk(broadcast), {"ready": "0", "words": "请只播自家果园。"})

    assert answer.status_code == 302
    broadcast.refresh_from_db()
    assert (broadcast.status, broadcast.stopped_by) == ("STOPPED", moderator)
    assert broadcast.stop_reason.endswith("请只播自家果园。")
    assert Lot.objects.get().left == 20
    assert not Broadcast.objects.shown().exists()
    act = StaffAct.objects.get(kind="broadcast_stop")
    assert (act.old, act.new, act.reason) == ({"status": stage}, {"status": "STOPPED"}, broadcast.stop_reason)
    assert Notification.objects.get(kind="broadcast_stopped").recipient == broadcast.farmer.user
    assert client.post(desk(broadcast), {"ready": "0"}).status_code == 422, "once"
    client.force_login(broadcast.farmer.user)
    assert broadcast.stop_reason in client.get(reverse("live:broadcast_manage", args=[broadcast.pk])).content.decode()
    assert client.get(reverse("live:broadcast_own_list")).status_code == 200


def test_nobody_stops_their_own_people_and_nobody_else_comes_near(client, moderator):
    broadcast = live(make_listing(), now=timezone.now())
    declare_tie(user=moderator, farmer_id=broadcast.farmer_id, note="my cousin", now=timezone.now())
    assert client.post(desk(broadcast), {"ready": "0"}).status_code == 422

    for person in (make_user(), make_farmer().user, broadcast.farmer.user):
        client.force_login(person)
        answers = [client.get(desk(broadcast)), client.post(desk(broadcast), {"ready": "0"})]
        answers += [client.get(media(broadcast, "live.m3u8")), client.get(reverse("live:broadcast_desk_list"))]
        assert [answer.status_code for answer in answers] == [404] * 4

    broadcast.refresh_from_db()
    assert broadcast.status == "LIVE"
    with pytest.raises(IntegrityError), transaction.atomic():
        Broadcast.objects.filter(pk=broadcast.pk).update(
            status="STOPPED", ended_at=timezone.now(), stopped_by=moderator
        )


def test_what_is_withheld_can_be_watched_at_the_desk_and_nowhere_else(client, moderator, settings):
    broadcast = recorded(settings, ended_at=timezone.now())
    airing.stop_broadcast(broadcast_id=broadcast.pk, moderator=make_moderator(), reason="假的", now=timezone.now())
    target = Path(settings.LIVE_ROOT, "withheld", broadcast.key.hex)
    target.parent.mkdir()
    Path(settings.LIVE_ROOT, "public", broadcast.key.hex).rename(target)
    segment = f"{'a' * 32}-000001.ts"

    answers = [client.get(media(broadcast, name)) for name in ("replay.m3u8", segment, "..%2Flock", "note")]

    assert [answer.status_code for answer in answers] == [200, 200, 404, 404]
    assert {answer["Cache-Control"] for answer in answers[:2]} == {"private, no-store"}
    assert media(broadcast, "replay.m3u8") in client.get(desk(broadcast)).content.decode()
    assert client.get(f"/live/media/{broadcast.key.hex}/{segment}").status_code == 404


def test_the_desks_list_costs_the_same_for_one_and_for_many(client, moderator, django_assert_max_num_queries, settings):
    def statements():
        with django_assert_max_num_queries(60) as counted:
            assert client.get(reverse("live:broadcast_desk_list")).status_code == 200
        return len(counted)

    recorded(settings, ended_at=timezone.now())
    live(make_listing(), now=timezone.now())
    plan(listing=make_listing())
    statements()  # what is looked up once and kept
    few = statements()
    for _more in range(2):
        recorded(settings, ended_at=timezone.now())
        live(make_listing(), now=timezone.now())
        plan(listing=make_listing())

    assert statements() == few


def test_recordings_go_when_their_time_is_over_and_the_rows_stay(settings):
    now = timezone.now()
    settings.LIVE_KEEP = 30 * DAY
    old, young = recorded(settings, ended_at=now - 31 * DAY), recorded(settings, ended_at=now - 29 * DAY)
    stopped = recorded(settings, ended_at=now - 31 * DAY)
    airing.stop_broadcast(broadcast_id=stopped.pk, moderator=make_moderator(), reason="假的", now=now)
    on_air = live(make_listing(), now=now)
    video(settings, on_air)

    for _twice in range(2):
        forget_recordings()

    left = {path.name for path in Path(settings.LIVE_ROOT, "public").iterdir()}
    assert left == {young.key.hex, on_air.key.hex}
    kept = dict(Broadcast.objects.values_list("pk", "forgotten_at"))
    assert {pk for pk, forgotten_at in kept.items() if forgotten_at} == {old.pk, stopped.pk}
    assert not Broadcast.objects.get(pk=old.pk).can_be_watched_again


def test_the_oldest_replays_go_first_when_there_are_too_many_bytes(settings, client):
    now = timezone.now()
    settings.LIVE_MAX_STORED_BYTES = 2500
    first, second, third = (recorded(settings, ended_at=now - days * DAY) for days in (3, 2, 1))
    stopped = recorded(settings, ended_at=now - 4 * DAY, size=500)
    airing.stop_broadcast(broadcast_id=stopped.pk, moderator=make_moderator(), reason="假的", now=now)

    forget_recordings()

    assert set(Broadcast.objects.with_video()) == {second, third, stopped}
    page = client.get(reverse("live:broadcast_detail", args=[first.pk]))
    assert page.status_code == 200
    assert "data-playlist" not in page.content.decode()


def test_what_a_killed_process_left_is_cleared_and_nothing_unknown_is_touched(settings):
    broadcast = recorded(settings, ended_at=timezone.now() - 400 * DAY)
    recorders.forget_recording(broadcast_id=broadcast.pk, now=timezone.now())
    going = live(make_listing(), now=timezone.now())
    kept = recorders.open_session(broadcast_id=going.pk, farmer=going.farmer, format="WEBM_H264", now=timezone.now())
    done = broadcast.sessions.create(
        format="WEBM_H264", opened_at=timezone.now(), closed_at=timezone.now(), outcome="ENDED"
    )
    for session in (kept, done):
        spool.append(session.key, 0, b"piece", most=100)
    unknown = Path(settings.LIVE_ROOT, "public", "0" * 32)
    unknown.mkdir()

    forget_recordings()

    assert unknown.exists()
    assert not Path(settings.LIVE_ROOT, "public", broadcast.key.hex).exists()
    assert (spool.directory(kept.key).exists(), spool.directory(done.key).exists()) == (True, False)
