"""Who watches is counted once each, and nobody makes a crowd of themselves."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from live import watchers
from tests.live.scene import live
from tests.make import make_listing, make_user

pytestmark = pytest.mark.django_db


def test_nobody_counts_as_a_crowd():
    broadcast = live(make_listing(), now=timezone.now())
    room = reverse("live:broadcast_table", args=[broadcast.pk])

    def now() -> int:
        return watchers.count(broadcast.pk, timezone.now().timestamp())

    person = make_user()
    for _browser in range(3):
        client = Client()
        client.force_login(person)
        client.get(room)
    assert now() == 1

    for number in range(60):
        Client().get(room, REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT=f"browser {number}")
    assert now() == 1 + watchers.GUESTS_PER_ADDRESS

    for number in range(60):
        Client().get(room, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
    assert now() == 2 + watchers.GUESTS_PER_ADDRESS

    for number in range(4):
        Client().get(room, REMOTE_ADDR=f"198.51.100.{number}")
    assert now() == 6 + watchers.GUESTS_PER_ADDRESS
