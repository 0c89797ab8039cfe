"""One entry sent by many at once, for real: done once, each told the same; beside a control without the lock on its row."""

from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from django.test import Client

from field import services
from field.models import Entry
from marketplace.models import Lot
from tests.accounts.signing_in import EN
from tests.concurrency.racing import at_once
from tests.field.scene import Phone
from tests.make import make_listing

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
SENDERS = 6


def send_all(listing):
    """Six browsers that hold the same session and the same entry, photos aside: a page, another one, the service worker."""
    phone, key = Phone(listing.farmer), uuid4()
    form = {"key": key, "thing": phone.seen("harvest", listing), "packs": "8", "when": "today", "grade": "FIRST"}
    browsers = [Client(headers=EN | {"Accept": "application/json"}) for _ in range(SENDERS)]
    for browser in browsers:
        browser.force_login(listing.farmer.user)
    return at_once(*[partial(browser.post, phone.address("harvest"), form) for browser in browsers])


def test_one_entry_sent_by_many_at_once_is_done_once_and_all_hear_the_same():
    listing = make_listing(packs=None)

    answers = send_all(listing)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert list(Lot.objects.filter(listing=listing).values_list("harvested", flat=True)) == [8]
    assert Entry.objects.get().state == "DONE"


def test_the_control_without_the_entrys_row_it_is_done_several_times(monkeypatch):
    """What makes it once is the row under its key, made and locked first. Here every sender gets a row of their own."""
    listing, row, all_there = make_listing(packs=None), services._row, Barrier(SENDERS)

    def row_of_ones_own(kind, sent, now):
        all_there.wait(timeout=20)
        object.__setattr__(sent, "key", uuid4())
        return row(kind, sent, now)

    monkeypatch.setattr(services, "_row", row_of_ones_own)

    send_all(listing)

    assert Lot.objects.filter(listing=listing, harvested=8).count() == SENDERS
