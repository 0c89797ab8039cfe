"""Sending what is due: once, in the reader's language, tried again when it may help, parked when it doesn't."""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.core import mail
from django.utils import timezone

from notifications.channels import ADAPTERS, Message, Unsendable
from notifications.models import ChannelHealth, Delivery, Notification, OutboxMessage, SmsDay
from notifications.services import notify, send_code, sending
from notifications.services.sending import BACK_OFF, MAX_ATTEMPTS
from notifications.tasks import deliver_due
from tests.make import make_user

pytestmark = pytest.mark.django_db


class Scripted:
    """A channel that does what the test says, and remembers what it was given."""

    does: ClassVar[Callable[[Message], str]]
    given: ClassVar[list[Message]]

    def send(self, message: Message) -> str:
        self.given.append(message)
        return type(self).does(message)


@pytest.fixture
def scripted(monkeypatch: Any, settings: Any) -> type[Scripted]:
    Scripted.given = []
    Scripted.does = lambda message: "ok"
    monkeypatch.setitem(ADAPTERS, "scripted", Scripted)
    settings.SMS_BACKEND = settings.EMAIL_CHANNEL = "scripted"
    return Scripted


def fail(error: Exception) -> Callable[[Message], str]:
    def does(message: Message) -> str:
        raise error

    return does


def tell(recipient: Any = None, kind: str = "parcel_to_pack", **context: Any) -> Notification:
    told = notify(
        recipient=recipient or make_user(), kind=kind, about="parcel:1", now=timezone.now(), number="P1", **context
    )
    assert told is not None
    return told


def make_due() -> None:
    """Time passes: what waits is due, and a channel that was paused is open."""
    ChannelHealth.objects.all().delete()
    Delivery.objects.exclude(status__in=["SENT", "FAILED"]).update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_text_message_lands_in_the_outbox_in_the_readers_language() -> None:
    tell(make_user(language="en"))

    assert deliver_due() == 1

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("SENT", 1, "")
    assert delivery.sent_at is not None
    written = OutboxMessage.objects.get()
    assert (written.delivery, written.address) == (delivery, delivery.address)
    assert written.body == "[Chushan] Parcel P1 is paid. Please pack and post it soon."


def test_running_again_sends_nothing_again(scripted: type[Scripted]) -> None:
    tell()

    assert [deliver_due(), deliver_due()] == [1, 0]

    assert len(scripted.given) == 1


def test_the_outbox_holds_one_message_though_the_mark_was_lost() -> None:
    tell()
    deliver_due()
    Delivery.objects.update(status="SENDING", sent_at=None)  # as if the process had died before noting it
    make_due()

    assert deliver_due() == 1

    assert Delivery.objects.get().status == "SENT"
    assert OutboxMessage.objects.count() == 1


def test_a_channel_that_fails_is_tried_again_later_each_time_and_given_up_in_the_end(scripted: type[Scripted]) -> None:
    scripted.does = fail(TimeoutError("secret 13800000000"))
    tell()
    waits = []
    for _ in range(MAX_ATTEMPTS):
        make_due()
        before = timezone.now()
        assert deliver_due() == 1
        waits.append(Delivery.objects.get().due_at - before)

    for wait, promised in zip(waits, BACK_OFF, strict=False):
        assert promised <= wait < promised + timedelta(seconds=10)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("FAILED", MAX_ATTEMPTS, "TimeoutError")
    make_due()
    assert deliver_due() == 0
    assert len(scripted.given) == MAX_ATTEMPTS


def test_a_channel_that_recovers_delivers_with_the_same_key(scripted: type[Scripted]) -> None:
    scripted.does = fail(ConnectionError())
    tell()
    deliver_due()
    scripted.does = lambda message: "provider-7"
    make_due()
    deliver_due()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.provider_id) == ("SENT", 2, "provider-7")
    assert scripted.given[0].key == scripted.given[1].key


def test_what_can_never_go_out_is_parked_at_once_with_the_reason(scripted: type[Scripted]) -> None:
    scripted.does = fail(Unsendable("the number does not exist"))
    tell()

    deliver_due()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("FAILED", 1, "the number does not exist")


def test_without_a_provider_a_text_message_is_parked_and_says_why(settings: Any) -> None:
    settings.SMS_BACKEND = ""
    tell()

    deliver_due()

    assert Delivery.objects.get().last_error == "no provider is set up for SMS"
    assert not OutboxMessage.objects.exists()
    assert not SmsDay.objects.exists()


def test_one_bad_delivery_stops_no_other(scripted: type[Scripted]) -> None:
    bad, good = make_user(), make_user()
    scripted.does = lambda message: "ok" if message.address == good.phone else fail(ValueError())(message)
    tell(bad)
    tell(good)

    assert deliver_due() == 2

    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["DUE", "SENT"]


def test_a_killed_attempt_is_made_again_after_its_claim_lapsed(scripted: type[Scripted]) -> None:
    tell()
    now = timezone.now()
    assert sending.claim_next(now=now) is not None  # and the process dies here

    assert sending.claim_next(now=now + sending.CLAIM - timedelta(seconds=1)) is None
    again = sending.claim_next(now=now + sending.CLAIM)

    assert again is not None
    assert again.delivery.attempts == 2
    sending.deliver(again)
    assert Delivery.objects.get().status == "SENT"


def test_whoever_lost_the_claim_does_not_mark_the_delivery(scripted: type[Scripted]) -> None:
    tell()
    now = timezone.now()
    first = sending.claim_next(now=now)
    second = sending.claim_next(now=now + sending.CLAIM)
    assert first is not None
    assert second is not None
    sending.deliver(second)

    scripted.does = fail(TimeoutError())
    sending.deliver(first)

    assert Delivery.objects.get().status == "SENT"


def test_a_delivery_that_kills_its_process_every_time_is_parked(scripted: type[Scripted]) -> None:
    tell()
    for _ in range(MAX_ATTEMPTS):
        make_due()
        assert sending.claim_next(now=timezone.now()) is not None
    make_due()

    deliver_due()

    assert Delivery.objects.get().status == "FAILED"
    assert scripted.given == []


# --- Sign-in codes ---


def send(code: str = "123456") -> Notification:
    user = make_user(email=f"p{Notification.objects.count()}@example.com")
    send_code(user=user, channel="EMAIL", address=user.email or "", code=code)
    return Notification.objects.filter(kind="sign_in_code").latest("pk")


def test_a_code_is_sent_and_then_forgotten() -> None:
    send("123456")

    deliver_due()

    assert "123456" in OutboxMessage.objects.get().body
    assert Notification.objects.get().context == {}


def test_a_code_goes_before_everything_else(scripted: type[Scripted]) -> None:
    for _ in range(3):
        tell()
    send("424242")

    deliver_due()

    assert "424242" in scripted.given[0].body


def test_a_code_is_not_tried_again_once_it_is_no_use(scripted: type[Scripted]) -> None:
    scripted.does = fail(TimeoutError())
    code = send()
    deliver_due()
    Notification.objects.filter(pk=code.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    make_due()
    deliver_due()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.last_error) == ("FAILED", "the code is no longer valid")
    assert Notification.objects.get().context == {}
    assert len(scripted.given) == 1


def test_a_code_is_never_logged_nor_kept_with_an_error(scripted: type[Scripted], caplog: Any) -> None:
    scripted.does = fail(ValueError("could not send 987654"))
    send("987654")
    caplog.set_level("DEBUG")

    deliver_due()

    assert "987654" not in caplog.text
    assert "987654" not in repr(scripted.given)
    assert Delivery.objects.get().last_error == "ValueError"


# --- The day's cap ---


def test_text_messages_stop_at_the_days_cap_and_go_on_tomorrow_morning(scripted: type[Scripted], settings: Any) -> None:
    settings.SMS_DAILY_CAP = 5  # one of them is kept for codes
    for _ in range(6):
        tell()

    deliver_due()

    assert len(scripted.given) == 4
    assert SmsDay.objects.get().attempts == 4
    waiting = Delivery.objects.filter(status="DUE")
    assert waiting.count() == 2
    for delivery in waiting:
        assert delivery.due_at > timezone.now()
        assert timezone.localtime(delivery.due_at).hour == 8
        assert delivery.attempts == 0


def test_codes_use_what_is_kept_for_them_and_no_more(scripted: type[Scripted], settings: Any) -> None:
    settings.SMS_DAILY_CAP = 5
    for _ in range(5):
        tell()
    for number in range(2):
        user = make_user()
        send_code(user=user, channel="SMS", address=user.phone or "", code=f"00000{number}")

    deliver_due()

    codes = Delivery.objects.filter(notification__kind="sign_in_code")
    assert sorted(codes.values_list("status", flat=True)) == ["SENT", "SENT"]  # they went first
    assert SmsDay.objects.get().attempts == 4
    send_code(user=user, channel="SMS", address=user.phone or "", code="000003")
    send_code(user=user, channel="SMS", address=user.phone or "", code="000004")
    deliver_due()
    assert SmsDay.objects.get().attempts == 5
    parked = codes.get(status="FAILED")
    assert parked.last_error == "the daily cap of text messages is reached"
    assert parked.notification.context == {}


# --- E-mail over SMTP ---


@pytest.fixture
def smtp(settings: Any) -> None:
    settings.EMAIL_CHANNEL = "smtp"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def test_a_letter_has_a_message_id_of_its_delivery(smtp: None, settings: Any) -> None:
    settings.SITE_URL = "https://shop.example"
    tell(make_user(email="b@example.com", language="en"), kind="order_paid")

    deliver_due()
    Delivery.objects.update(status="SENDING", sent_at=None)
    make_due()
    deliver_due()

    first, second = mail.outbox
    assert first.to == ["b@example.com"]
    assert first.subject == "Payment received | Chushan"
    assert first.extra_headers["Message-ID"] == f"<chushan-delivery-{Delivery.objects.get().pk}@shop.example>"
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_an_address_the_mail_server_refuses_is_not_tried_again(smtp: None, monkeypatch: Any) -> None:
    refusal = smtplib.SMTPRecipientsRefused({"b@example.com": (550, b"no such person b@example.com")})
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda self: fail(refusal)(self))
    tell(make_user(email="b@example.com"), kind="order_paid")

    deliver_due()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.last_error) == ("FAILED", "the mail server refuses the address")


def test_each_attempt_takes_the_same_few_queries(django_assert_max_num_queries: Any, scripted: type[Scripted]) -> None:
    for _ in range(4):
        tell()

    with django_assert_max_num_queries(4 * 16 + 4) as captured:
        deliver_due()

    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    # the channels' health, the claim, what went lately, what else waits, whether it was replaced, mark as being sent,
    # count the day's messages, mark as sent; at the end the health and nothing left
    assert len(statements) == 4 * 8 + 2
