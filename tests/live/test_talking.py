"""What is said in a room: by people who signed in, filtered, not too often; removed, muted, reported, decided, forgotten."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import StaffAct
from accounts.services.acts import declare_tie
from common.errors import InvalidInput, NotAllowed
from live.errors import Muted, NotOnAir, SaidTooOften
from live.models import Comment, CommentReport, Mute
from live.services import airing, commenting, reporting
from live.tasks import forget_recordings
from marketplace.models import ForbiddenTerm
from notifications.models import Notification
from tests.live.scene import live
from tests.make import make_farmer, make_listing, make_moderator, make_user

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def room():
    return live(make_listing(), now=timezone.now())


@pytest.fixture
def wang():
    return make_user("王芳")


def say(room, author, text="甜吗？", after=0, **fields):
    now = timezone.now() + after * SECOND
    return commenting.say(broadcast_id=room.pk, author=author, text=text, now=now, **fields)


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(room, client=None) -> str:
    answer = (client or Client()).get(reverse("live:comment_list", args=[room.pk]))
    return answer.content.decode()


def test_everybody_reads_it_under_the_first_character_of_a_name(room, wang):
    answer = as_user(wang).post(reverse("live:comment_say", args=[room.pk]), {"text": " 甜  吗？<b> "})

    assert answer.status_code == 302
    html = page(room)
    assert "甜 吗？&lt;b&gt;" in html
    assert "王**" in html
    assert "王芳" not in html


def test_only_who_signed_in_and_only_while_it_is_on(room, wang):
    assert "/login" in Client().post(reverse("live:comment_say", args=[room.pk]), {"text": "x"})["Location"]
    airing.end_broadcast(broadcast_id=room.pk, farmer=room.farmer, now=timezone.now())
    with pytest.raises(NotOnAir):
        say(room, wang)
    airing.stop_broadcast(broadcast_id=room.pk, moderator=make_moderator(), reason="x", now=timezone.now())
    with pytest.raises(NotAllowed):
        say(room, wang)
    assert Client().get(reverse("live:comment_list", args=[room.pk])).status_code == 404
    assert not Comment.objects.exists()


def test_words_that_may_not_be_said_are_named_and_what_was_typed_is_kept(room, wang):
    ForbiddenTerm.objects.create(term="包治百病", kind="MEDICAL", why_zh="不能说", why_en="no cure")
    ForbiddenTerm.objects.create(term="天下最甜", kind="SUPERLATIVE", why_zh="广告法", why_en="law")
    client = as_user(wang)
    for text in ("包 治 百病", "加我 138 1234 5678", "来 www.example.com 买", " ", "x" * 101):
        answer = client.post(
            reverse("live:comment_say", args=[room.pk]), {"text": text}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 422
        assert text.strip()[:20] in answer.content.decode()
    assert not Comment.objects.exists()

    say(room, wang, "天下最甜")  # a buyer may
    with pytest.raises(InvalidInput):
        say(room, room.farmer.user, "天下最甜")  # a seller may not


def test_nobody_floods_the_room(room, wang):
    said = 0
    for second in range(50):
        with suppress(SaidTooOften):
            say(room, wang, f"第{second}句", after=second)
            said += 1
    assert said == commenting.MOST_A_MINUTE
    say(room, wang, "同一句", after=120)
    with pytest.raises(InvalidInput):
        say(room, wang, "同一句", after=130)


def test_the_farmer_answers_and_pins_and_nobody_else_does(room, wang):
    question = say(room, wang)
    with pytest.raises(NotAllowed):
        say(room, make_user("李"), "我来答", answers_id=question.pk)
    other = live(make_listing(), now=timezone.now())
    with pytest.raises(NotAllowed):
        say(other, other.farmer.user, "答", answers_id=question.pk)
    answer = say(room, room.farmer.user, "很甜！", answers_id=question.pk)

    farmer = as_user(room.farmer.user)
    for comment in (question, answer):
        farmer.post(reverse("live:comment_detail", args=[comment.pk]), {"act": "pin"})
    assert list(Comment.objects.filter(pinned_at__isnull=False)) == [answer]
    as_user(other.farmer.user).post(reverse("live:comment_detail", args=[answer.pk]), {"act": "unpin"})
    assert Comment.objects.filter(pinned_at__isnull=False).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.update(pinned_at=timezone.now())
    assert "pinned-comment" in page(room)


def test_removed_and_muted_by_the_farmer_of_the_room_alone(room, wang):
    first, second = say(room, wang, "广告"), say(room, wang, "又是广告", after=5)
    own = say(room, make_user("李"), "手滑")
    stranger, grower, neighbour = as_user(make_user()), as_user(room.farmer.user), as_user(make_farmer().user)
    for who in (stranger, neighbour):
        for act in ("remove", "pin", "mute", "nonsense"):
            assert who.post(reverse("live:comment_detail", args=[first.pk]), {"act": act}).status_code == 422
    assert Comment.objects.shown().count() == 3

    as_user(own.author).post(reverse("live:comment_detail", args=[own.pk]), {"act": "remove"})
    grower.post(reverse("live:comment_detail", args=[second.pk]), {"act": "mute"})
    assert not Comment.objects.shown().exists()
    with pytest.raises(Muted):
        say(room, wang, after=60)
    say(live(make_listing(), now=timezone.now()), wang, after=60)  # in another farmer's room they may

    mute = Mute.objects.get()
    assert neighbour.post(reverse("live:mute_end", args=[mute.pk])).status_code == 404
    grower.post(reverse("live:mute_end", args=[mute.pk]))
    say(room, wang, "对不起", after=90)


def test_what_is_reported_waits_for_a_moderator_who_removes_it_or_lets_it_stand(room, wang):
    bad, fine = say(room, wang, "骗子！"), say(room, make_user("李"), "真甜")
    for comment in (bad, bad, fine):
        as_user(make_user()).post(reverse("live:comment_detail", args=[comment.pk]), {"act": "report", "why": "INSULT"})
    assert (
        as_user(wang)
        .post(reverse("live:comment_detail", args=[bad.pk]), {"act": "report", "why": "INSULT"})
        .status_code
        == 422
    ), "nobody reports themselves"
    moderator = make_moderator()
    desk = as_user(moderator)
    html = desk.get(reverse("live:broadcast_desk_list")).content.decode()
    assert "骗子！" in html
    assert "真甜" in html

    for wrong in ("NOPE", ""):
        assert desk.post(reverse("live:comment_decide", args=[bad.pk]), {"removal": wrong}).status_code == 422
    desk.post(reverse("live:comment_decide", args=[bad.pk]), {"removal": "INSULT"})
    desk.post(reverse("live:comment_decide", args=[fine.pk]), {"stands": "1"})

    assert list(Comment.objects.shown()) == [fine]
    assert not CommentReport.objects.filter(decided_at=None).exists()
    assert set(StaffAct.objects.values_list("kind", "reason")) == {("comment_remove", "INSULT"), ("comment_leave", "")}
    assert Notification.objects.get(kind="comment_removed").recipient == wang
    assert desk.post(reverse("live:comment_decide", args=[bad.pk]), {"stands": "1"}).status_code == 422, "once"


def test_nobody_decides_about_their_own_people_nor_without_being_a_moderator(room, wang):
    comment, moderator = say(room, wang), make_moderator()
    reporting.report_comment(comment_id=comment.pk, reporter=make_user(), why="OTHER", now=timezone.now())
    declare_tie(user=moderator, farmer_id=room.farmer_id, note="my cousin", now=timezone.now())
    decide = reverse("live:comment_decide", args=[comment.pk])

    assert as_user(moderator).post(decide, {"removal": "OTHER"}).status_code == 422
    for who in (wang, room.farmer.user, make_user()):
        assert as_user(who).post(decide, {"removal": "OTHER"}).status_code == 404
    with pytest.raises(NotAllowed):
        reporting.decide_reports(comment_id=comment.pk, moderator=wang, removal="OTHER", now=timezone.now())
    assert list(Comment.objects.reported()) == [comment]


def test_they_are_forgotten_when_their_time_is_over(room, wang, settings):
    settings.LIVE_KEEP_COMMENTS = timedelta(days=30)
    old, young = say(room, wang, "旧的"), say(room, wang, "新的", after=10)
    reporting.report_comment(comment_id=old.pk, reporter=make_user(), why="OTHER", now=timezone.now())
    Comment.objects.filter(pk=old.pk).update(said_at=timezone.now() - timedelta(days=31))

    for _twice in range(2):
        forget_recordings()

    assert list(Comment.objects.all()) == [young]
    assert not CommentReport.objects.exists()


def test_the_list_costs_the_same_for_one_and_for_many(room, wang, django_assert_num_queries):
    say(room, wang)
    page(room)  # what is looked up once and kept
    from django.core.cache import cache

    for number in range(8):
        say(room, make_user(f"李{number}"), f"第{number}句")
    cache.clear()
    with django_assert_num_queries(4):
        page(room)
