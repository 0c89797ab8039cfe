"""Who watches is counted once each, and nobody makes a crowd of themselves."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from live import watchers
from tests.live.scene import live
from tests.make import make_listing, make_user

pytestmark = pytest.mark.django_db


def name(user=None, browser: str = "", address: str = "203.0.113.7") -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=address, HTTP_USER_AGENT=browser)
    request.user = user or AnonymousUser()
    return watchers.name_of(request)


def test_a_person_is_one_and_an_address_five_at_most():
    person, other = make_user(), make_user()

    assert len({name(person, browser, address) for browser in "ab" for address in ("203.0.113.7", "203.0.113.8")}) == 1
    assert len({name(person), name(other), name()}) == 3
    assert len({name(browser=f"browser {number}") for number in range(60)}) == watchers.GUESTS_PER_ADDRESS
    assert len({name(address=f"2001:db8:1:2::{number:x}") for number in range(60)}) == 1, "a household's own part"
    assert len({name(address=f"198.51.100.{number}") for number in range(9)}) == 9


def test_the_page_and_its_table_count_whoever_asks():
    broadcast = live(make_listing(), now=timezone.now())
    for room in ("detail", "table"):
        Client().get(reverse(f"live:broadcast_{room}", args=[broadcast.pk]))

    assert watchers.count(broadcast.pk, timezone.now().timestamp()) == 1
    assert watchers.count(broadcast.pk, timezone.now().timestamp() + watchers.STAYS + 60) == 0
