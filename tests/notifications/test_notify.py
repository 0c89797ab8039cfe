"""Telling someone: one row, and one delivery over the channel that reaches them."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from notifications.models import Delivery, Notification
from notifications.queries import unread_count
from notifications.services import notify, send_code
from tests.make import NOON, make_user

pytestmark = pytest.mark.django_db


def tell(recipient: Any, kind: str = "parcel_to_pack", **fields: Any) -> Notification | None:
    return notify(recipient=recipient, kind=kind, about=fields.pop("about", "parcel:1"), now=NOON, **fields)


def test_a_farmer_with_a_phone_gets_a_text_message() -> None:
    farmer = make_user()

    told = tell(farmer, link="/sell/parcels/P1/", number="P1", until=date(2026, 11, 26), packs=2)

    row = Notification.objects.get()
    assert told == row
    assert (row.recipient, row.link, row.read_at) == (farmer, "/sell/parcels/P1/", None)
    assert row.context == {"number": "P1", "until": "2026-11-26", "packs": 2}
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.address, delivery.status) == ("SMS", farmer.phone, "DUE")


def test_telling_twice_makes_one_row() -> None:
    farmer = make_user()

    assert tell(farmer) is not None
    assert tell(farmer) is None

    assert Notification.objects.count() == Delivery.objects.count() == 1


def test_another_occurrence_is_told_again() -> None:
    farmer = make_user()

    tell(farmer, kind="parcel_post_reminder", occurrence="2026-11-24")
    tell(farmer, kind="parcel_post_reminder", occurrence="2026-11-25")
    tell(farmer, kind="parcel_post_reminder", occurrence="2026-11-25")

    assert Notification.objects.count() == 2


def test_long_keys_stay_distinct() -> None:
    farmer = make_user()

    tell(farmer, about="a" * 60, occurrence="x" * 100 + "1")
    tell(farmer, about="a" * 60, occurrence="x" * 100 + "2")

    assert Notification.objects.count() == 2


def test_a_buyer_is_told_of_posting_by_email_and_without_one_by_text_message() -> None:
    tell(make_user(email="buyer@example.com"), kind="parcel_posted")
    tell(make_user(), kind="parcel_posted")

    assert sorted(Delivery.objects.values_list("channel", flat=True)) == ["EMAIL", "SMS"]


def test_a_phone_nobody_has_shown_to_be_theirs_gets_no_message() -> None:
    user = make_user()
    user.phone_verified = False

    tell(user)

    assert Notification.objects.exists()
    assert not Delivery.objects.exists()


def test_what_can_wait_costs_no_text_message() -> None:
    tell(make_user(email="b@example.com"), kind="order_placed")
    tell(make_user(), kind="order_paid")

    assert not Delivery.objects.exists()


def test_telling_takes_two_queries_however_often_it_was_told(django_assert_num_queries: Any) -> None:
    farmer = make_user()

    with django_assert_num_queries(2):
        tell(farmer)
    with django_assert_num_queries(1):
        tell(farmer)


def test_an_unknown_kind_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError):
        tell(make_user(), kind="no_such_kind")


@pytest.mark.django_db(transaction=True)
def test_what_is_told_is_rolled_back_with_the_event() -> None:
    farmer = make_user()

    with transaction.atomic():
        tell(farmer)
        transaction.set_rollback(True)

    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_telling_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="step"):
        tell(make_user())

    assert not Notification.objects.exists()


def test_a_sign_in_code_goes_where_it_was_asked_for_and_is_no_news_in_the_shop() -> None:
    user = make_user(email="both@example.com")

    send_code(user=user, channel="EMAIL", address="both@example.com", code="123456")
    send_code(user=user, channel="SMS", address=user.phone or "", code="654321")

    assert sorted(Delivery.objects.values_list("channel", "address")) == [
        ("EMAIL", "both@example.com"),
        ("SMS", user.phone),
    ]
    assert unread_count(user) == 0
