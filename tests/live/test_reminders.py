"""Reminders: whoever asked is told once, that it has begun or that it will not."""

import pytest
from django.urls import reverse
from django.utils import timezone

from common.errors import WrongState
from live.models import Reminder
from live.services import airing, planning, reminding
from live.tasks import tell_waiting
from notifications.models import Notification
from tests.live.scene import plan
from tests.make import make_listing, make_moderator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def broadcast():
    return plan(listing=make_listing(), now=timezone.now())


def ask(broadcast, user):
    reminding.ask_reminder(broadcast_id=broadcast.pk, user=user, now=timezone.now())


def begin(broadcast):
    airing.go_live(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=timezone.now())


def told():
    return sorted(Notification.objects.filter(kind__startswith="broadcast_").values_list("recipient_id", "kind"))


def test_those_who_asked_are_told_once_that_it_has_begun(broadcast, client):
    first, second, third = (make_user() for _person in range(3))
    address = reverse("live:broadcast_remind", args=[broadcast.pk])
    for user in (first, second, third):
        client.force_login(user)
        for _twice in range(2):
            assert client.post(address, {"wanted": "1"}).status_code == 302
    assert client.post(address, {"wanted": "0"}).status_code == 302
    tell_waiting()
    assert told() == []

    begin(broadcast)
    for _twice in range(2):
        tell_waiting()

    assert told() == sorted((user.pk, "broadcast_begun") for user in (first, second))
    assert Notification.objects.filter(kind="broadcast_begun").first().link == f"/live/{broadcast.pk}/"


def test_many_are_told_in_several_goes(broadcast, monkeypatch):
    monkeypatch.setattr(reminding, "AT_ONCE", 2)
    users = [make_user() for _person in range(5)]
    for user in users:
        ask(broadcast, user)
    begin(broadcast)

    tell_waiting()

    assert [pk for pk, _kind in told()] == sorted(user.pk for user in users)


@pytest.mark.parametrize("how", ["called off", "stopped"])
def test_they_are_told_when_it_does_not_take_place(broadcast, how):
    user = make_user()
    ask(broadcast, user)
    if how == "called off":
        planning.call_off(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=timezone.now())
    else:
        airing.stop_broadcast(broadcast_id=broadcast.pk, moderator=make_moderator(), reason="假的", now=timezone.now())

    tell_waiting()

    assert (user.pk, "broadcast_called_off") in told()
    assert broadcast.title not in str(Notification.objects.get(recipient=user).context), "it may be why it was stopped"


def test_once_it_has_begun_there_is_nothing_to_wait_for(broadcast, client):
    begin(broadcast)
    client.force_login(make_user())

    with pytest.raises(WrongState):
        ask(broadcast, make_user())
    answer = client.post(reverse("live:broadcast_remind", args=[broadcast.pk]), {"wanted": "1"})

    assert answer["Location"] == f"/live/{broadcast.pk}/"
    assert not Reminder.objects.exists()
