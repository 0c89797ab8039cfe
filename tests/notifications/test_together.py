"""Many notifications of a kind become one message; quiet hours and second thoughts are looked at when it is sent."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from notifications.channels import ADAPTERS, Message
from notifications.models import ChannelHealth, Choices, Delivery, Notification
from notifications.services import notify
from notifications.services.quiet import quiet_until
from notifications.tasks import deliver_due
from tests.make import make_user

pytestmark = pytest.mark.django_db


class Kept:
    """Remembers what it was given; fails while `failing`."""

    given: ClassVar[list[Message]]
    failing: ClassVar[bool]

    def send(self, message: Message) -> str:
        self.given.append(message)
        if self.failing:
            raise TimeoutError
        return "ok"


@pytest.fixture(autouse=True)
def kept(monkeypatch: Any, settings: Any) -> type[Kept]:
    Kept.given, Kept.failing = [], False
    monkeypatch.setitem(ADAPTERS, "kept", Kept)
    settings.SMS_BACKEND = settings.EMAIL_CHANNEL = "kept"
    settings.TELL_TOGETHER = timedelta(minutes=10)
    settings.SITE_URL = "https://shop.example"
    return Kept


def tell(person: Any, number: int, kind: str = "parcel_to_pack", **context: Any) -> Notification:
    told = notify(
        recipient=person,
        kind=kind,
        about=f"parcel:{number}",
        now=timezone.now(),
        number=f"P{number}",
        link=f"/sell/parcels/P{number}/",
        **context,
    )
    assert told is not None
    return told


def let_time_pass() -> None:
    """What waits is due; what was sent was sent long ago."""
    ChannelHealth.objects.all().delete()
    past = timezone.now() - timedelta(hours=1)
    Delivery.objects.exclude(sent_at=None).update(sent_at=past)
    Delivery.objects.exclude(status__in=["SENT", "FAILED"]).update(due_at=past)


def test_a_flood_becomes_one_message_and_the_list_stays_whole() -> None:
    farmer = make_user(language="en")
    for number in range(7):
        tell(farmer, number)

    deliver_due()

    [message] = Kept.given
    assert message.body == "[Chushan] A new parcel to pack (7). All of them: https://shop.example/notifications/"
    assert message.count == 7
    assert Delivery.objects.filter(status="SENT").count() == 7
    assert Delivery.objects.filter(carried_by__isnull=False).count() == 6
    assert Notification.objects.filter(recipient=farmer).count() == 7


def test_what_comes_after_a_message_waits_and_goes_together() -> None:
    farmer = make_user()
    tell(farmer, 1)
    deliver_due()
    for number in (2, 3):
        tell(farmer, number)

    deliver_due()

    assert [message.count for message in Kept.given] == [1]
    waiting = Delivery.objects.filter(status="DUE")
    assert {(row.attempts, row.due_at > timezone.now() + timedelta(minutes=9)) for row in waiting} == {(0, True)}
    let_time_pass()
    deliver_due()
    assert [message.count for message in Kept.given] == [1, 2]


def test_a_letter_lists_each_with_its_link() -> None:
    buyer = make_user(email="b@example.com", language="en")
    for number in (1, 2):
        tell(buyer, number, kind="parcel_posted", farmer="Chen")

    deliver_due()

    [letter] = Kept.given
    assert letter.subject == "Your parcel is on its way (2) | Chushan"
    assert letter.body.startswith("· Chen posted parcel P1.\n  https://shop.example/sell/parcels/P1/\n\n· Chen posted")


def test_other_people_kinds_and_channels_are_told_by_themselves() -> None:
    farmer = make_user(email="f@example.com")
    tell(farmer, 1)
    tell(farmer, 2, kind="parcel_posted")
    tell(make_user(), 3)

    deliver_due()

    assert [message.count for message in Kept.given] == [1, 1, 1]


def test_what_was_cancelled_since_is_neither_sent_nor_listed() -> None:
    farmer = make_user(language="en")
    for number in (1, 2, 3):
        tell(farmer, number)
    tell(farmer, 2, kind="parcel_cancelled", audience="farmer")

    deliver_due()

    told = {message.kind: message.count for message in Kept.given}
    assert told == {"parcel_to_pack": 2, "parcel_cancelled/farmer": 1}
    assert Delivery.objects.get(notification__about="parcel:2", notification__kind="parcel_to_pack").status == "DROPPED"
    assert Notification.objects.filter(recipient=farmer).count() == 4


def test_anothers_cancelled_parcel_takes_nothing_away() -> None:
    tell(make_user(), 1)
    tell(make_user(), 1, kind="parcel_cancelled", audience="farmer")

    deliver_due()

    assert sorted(message.kind for message in Kept.given) == ["parcel_cancelled/farmer", "parcel_to_pack"]


def test_a_further_attempt_tells_exactly_of_what_the_first_did() -> None:
    """The first may have arrived: a parcel that came since is told in a message of its own, never in one unseen."""
    farmer = make_user()
    tell(farmer, 1)
    tell(farmer, 2)
    Kept.failing = True
    deliver_due()
    tell(farmer, 3)
    Kept.failing = False
    let_time_pass()

    deliver_due()
    let_time_pass()
    deliver_due()

    assert [message.count for message in Kept.given] == [2, 2, 1]
    assert Kept.given[0].key == Kept.given[1].key
    assert set(Delivery.objects.values_list("status", flat=True)) == {"SENT"}


def test_a_process_that_dies_with_a_message_for_many_loses_none_of_them() -> None:
    from notifications.services import sending

    farmer = make_user()
    for number in range(3):
        tell(farmer, number)
    assert sending.claim_next(now=timezone.now()) is not None  # and it dies here
    assert deliver_due() == 0

    let_time_pass()
    deliver_due()

    assert [message.count for message in Kept.given] == [3]
    assert Delivery.objects.filter(status="SENT").count() == 3


def test_when_a_message_for_many_is_given_up_each_goes_another_way() -> None:
    farmer = make_user(email="f@example.com")
    for number in range(3):
        tell(farmer, number)
    Kept.failing = True
    for _ in range(6):
        let_time_pass()
        deliver_due()
    Kept.failing = False
    let_time_pass()
    deliver_due()

    assert Delivery.objects.filter(channel="SMS", status="FAILED").count() == 3
    assert Delivery.objects.filter(channel="EMAIL", status="SENT", is_fallback=True).count() == 3
    assert (Kept.given[-1].channel, Kept.given[-1].count) == ("EMAIL", 3)


# --- Quiet hours ---


def shanghai(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (shanghai(21, 59), None),
        (shanghai(22), shanghai(7) + timedelta(days=1)),
        (shanghai(23, 30), shanghai(7) + timedelta(days=1)),
        (shanghai(3), shanghai(7)),
        (shanghai(7), None),
    ],
)
def test_the_shops_quiet_hours_span_midnight(settings: Any, at: datetime, until: datetime | None) -> None:
    settings.QUIET_HOURS = "22:00-07:00"

    assert quiet_until(None, at) == until


def test_ones_own_hours_are_in_ones_own_time_zone() -> None:
    london = Choices(quiet_from=time(13), quiet_until=time(14), time_zone="Europe/London")

    assert quiet_until(london, datetime(2026, 7, 1, 12, 30, tzinfo=UTC)) == datetime(2026, 7, 1, 13, 0, tzinfo=UTC)
    assert quiet_until(london, datetime(2026, 12, 1, 12, 30, tzinfo=UTC)) is None
    assert quiet_until(london, datetime(2026, 12, 1, 13, 30, tzinfo=UTC)) == datetime(2026, 12, 1, 14, 0, tzinfo=UTC)


def test_whoever_wants_to_hear_at_any_hour_does(settings: Any) -> None:
    settings.QUIET_HOURS = "00:00-23:59"

    assert quiet_until(Choices(never_quiet=True), shanghai(3)) is None
    assert quiet_until(Choices(), shanghai(3)) is not None


def test_in_quiet_hours_what_can_wait_waits_and_what_cannot_comes(settings: Any) -> None:
    farmer = make_user()
    now = timezone.localtime()
    Choices.objects.create(
        user=farmer, quiet_from=(now - timedelta(hours=1)).time(), quiet_until=(now + timedelta(hours=1)).time()
    )
    tell(farmer, 1)
    tell(farmer, 2)
    tell(farmer, 3, kind="parcel_cancelled", audience="farmer")

    deliver_due()

    assert [message.kind for message in Kept.given] == ["parcel_cancelled/farmer"]
    held = Delivery.objects.filter(status="DUE")
    assert held.count() == 2
    assert all(timedelta(minutes=50) < row.due_at - timezone.now() <= timedelta(hours=1) for row in held[:1])
    Choices.objects.all().delete()
    let_time_pass()
    deliver_due()
    assert Kept.given[-1].count == 2


# --- Switched off ---


def test_what_was_switched_off_while_it_waited_is_not_sent() -> None:
    buyer = make_user(email="b@example.com", phone=None)
    tell(buyer, 1, kind="parcel_posted")
    Choices.objects.create(user=buyer, off=["ORDERS/EMAIL", "ORDERS/SMS"])

    assert deliver_due() == 0

    assert Delivery.objects.get().status == "DROPPED"
    assert Notification.objects.filter(recipient=buyer).count() == 1


def test_what_must_be_told_goes_out_though_its_last_way_was_switched_off() -> None:
    farmer = make_user()
    Choices.objects.create(user=farmer, off=["PACKING/SMS"])
    tell(farmer, 1)

    deliver_due()

    assert [message.channel for message in Kept.given] == ["SMS"]
