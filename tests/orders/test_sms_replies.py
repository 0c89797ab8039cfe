"""A farmer answers the pick list by a text message: believed from their own phone only, once; what else they write is read."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Farmer
from notifications.models import Notification, SmsReply
from notifications.services import replies
from notifications.texts import as_sms
from orders.models import PickList
from orders.services.picking import make_pick_list
from orders.services.replies import is_yes
from specialists import calls
from tests.make import make_listing, make_user
from tests.orders.making import make_parcel
from tests.specialists.scene import enter, make_scene

pytestmark = pytest.mark.django_db

TOKEN = "a-long-and-unguessable-word"
MORNING = datetime(2026, 11, 25, 7, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def morning(settings):
    settings.SMS_REPLY_TOKEN = TOKEN
    with time_machine.travel(MORNING + timedelta(minutes=20), tick=False):
        yield


@pytest.fixture
def scene():
    made = make_scene()
    make_parcel(wanted={make_listing(made.farmer): 1})
    make_pick_list(farmer_id=made.farmer.pk, now=MORNING)
    return made


def says(phone: str, text: Any, number: int = 1, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """As Aliyun's SmsUp brings it."""
    sent = (at or MORNING + timedelta(minutes=10)).astimezone(ZoneInfo("Asia/Shanghai"))
    return {
        "phone_number": phone.removeprefix("+86"),
        "content": text,
        "send_time": f"{sent:%Y-%m-%d %H:%M:%S}",
        "sign_name": "出山",
        "dest_code": "1234",
        "sequence_id": 1234567890 + number,
    } | more


def bring(*items: Any, provider: str = "aliyun", token: str = TOKEN, body: str | None = None) -> Any:
    path = reverse("notifications:sms_replies", args=[provider, token])
    data = json.dumps(items) if body is None else body
    return Client(enforce_csrf_checks=True).post(path, data, content_type="application/json")


def seen() -> bool:
    return PickList.objects.order_by("pk").last().seen_at is not None


@pytest.mark.parametrize("text", ["1", "１", "好", " 好的。", "收到", "OK!", "ok", "知道了"])
def test_a_plain_yes_from_the_farmers_phone_says_that_the_list_was_seen(scene, text):
    answer = bring(says(scene.farmer.user.phone, text))

    assert (answer.status_code, answer.json()["code"]) == (200, 0)
    assert seen()
    assert SmsReply.objects.get().answers == f"pick_list:{PickList.objects.get().pk}"
    assert calls.unread_replies(Farmer.objects.all(), MORNING) == []


def test_the_message_asks_for_it_and_fits_one_part_and_only_where_it_reaches_us(scene, settings):
    context = Notification.objects.get(kind="pick_list").context
    for language, asks in (("zh-hans", "回复1"), ("en", "Reply 1")):
        assert asks in (text := as_sms("pick_list", context, language))
        assert len(text) <= 70

    settings.SMS_REPLY_TOKEN = ""
    make_pick_list(farmer_id=scene.farmer.pk, now=MORNING + timedelta(hours=11))

    assert "Reply" not in as_sms("pick_list", Notification.objects.filter(kind="pick_list").first().context, "en")
    assert bring(says(scene.farmer.user.phone, "1")).status_code == 404


def test_anything_else_is_read_by_the_specialist_until_it_is_done(scene):
    bring(says(scene.farmer.user.phone, "今天下雨，摘不了"))
    specialist, home = enter(scene.helper), reverse("specialists:home")

    page = specialist.get(home).content.decode()
    elsewhere = enter(scene.elsewhere).get(home).content.decode()
    task = f"reply:{SmsReply.objects.get().pk}"
    specialist.post(reverse("specialists:call_note"), {"task": task, "outcome": "DONE", "words": "明天摘"})

    assert not seen()
    assert "今天下雨，摘不了" in page
    assert "今天下雨" not in elsewhere
    tomorrow = MORNING + timedelta(days=1)
    assert calls.unread_replies(Farmer.objects.all(), tomorrow) == [], "done once, it does not come back"


def test_a_strangers_phone_or_a_buyers_answers_nothing_and_a_strangers_is_not_kept(scene):
    buyer = make_user("A buyer")

    bring(says("+8613700000009", "1", 1), says(buyer.phone, "1", 2), says("", "1", 3), says("1" * 30, "1", 4))

    assert not seen()
    assert [(one.user, one.answers) for one in SmsReply.objects.all()] == [(buyer, "")]
    scene.farmer.user.phone_verified = False
    scene.farmer.user.save()
    bring(says(scene.farmer.user.phone, "1", 5))
    assert not seen(), "a phone that nobody has shown to be theirs"


def test_brought_again_it_counts_once_and_a_late_one_answers_what_there_was_when_it_was_sent(scene):
    phone, evening = scene.farmer.user.phone, MORNING + timedelta(hours=11)
    make_pick_list(farmer_id=scene.farmer.pk, now=evening)
    morning_list, evening_list = PickList.objects.order_by("pk")

    with time_machine.travel(evening + timedelta(minutes=5), tick=False):
        for _ in range(3):
            bring(says(phone, "1", 1, at=MORNING + timedelta(minutes=5)))
    morning_list.refresh_from_db()
    evening_list.refresh_from_db()

    assert morning_list.seen_at is not None
    assert evening_list.seen_at is None
    assert SmsReply.objects.count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        SmsReply.objects.create(
            provider="aliyun",
            key=SmsReply.objects.get().key,
            user=scene.farmer.user,
            sent_at=MORNING,
            received_at=MORNING,
        )


def test_what_is_older_than_a_day_or_from_tomorrow_is_taken_for_what_it_can_be(scene):
    phone = scene.farmer.user.phone
    with time_machine.travel(MORNING + timedelta(days=2), tick=False):
        bring(says(phone, "1", 1))
    assert not seen()

    bring(says(phone, "1", 2, at=MORNING + timedelta(days=900)))

    assert seen(), "a clock that is wrong: it is taken as sent now"


@pytest.mark.parametrize(
    "body", ["", "[", "{}", "7", "[" * 100_000, json.dumps([{}] * 1001), "[" + " " * 300_000 + "]"]
)
def test_what_is_no_list_of_messages_is_refused(body):
    assert bring(body=body).status_code == 400


def test_nonsense_in_a_list_stops_no_other(scene):
    strange = [None, 7, "x", {}, says("a", "1"), says(scene.farmer.user.phone, {"a": 1}, 8, send_time="gestern")]

    answer = bring(*strange, says(scene.farmer.user.phone, "1\x00", 9, send_time="20261125071500"))

    assert answer.status_code == 200
    assert seen()


def test_the_wrong_secret_and_an_unknown_provider_are_no_address(scene, settings):
    assert bring(says(scene.farmer.user.phone, "1"), token="a-guess").status_code == 404
    assert bring(says(scene.farmer.user.phone, "1"), provider="nobody").status_code == 404
    settings.SMS_REPLY_TOKEN = "short"
    assert bring(says(scene.farmer.user.phone, "1"), token="short").status_code == 404
    assert not seen()


def test_any_other_provider_brings_the_plain_form(scene):
    item = {"id": "m-1", "from": scene.farmer.user.phone, "text": "好", "sent_at": "2026-11-25T07:15:00+08:00"}

    assert bring(item, provider="plain").status_code == 200
    assert seen()


def test_twenty_a_day_from_one_phone_are_enough(scene, monkeypatch):
    monkeypatch.setattr(replies, "MOST_A_DAY", 2)

    bring(*(says(scene.farmer.user.phone, "喂", number) for number in range(5)))

    assert SmsReply.objects.count() == 2


def test_no_and_longer_words_are_no_yes():
    assert [text for text in ("", "0", "不", "不好", "好像没货", "10", "1箱", "ok吗", "nok") if is_yes(text)] == []
