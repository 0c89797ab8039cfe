"""Outgoing webhooks: every event arrives at least once under one id, signed, whatever the subscriber's server does."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import use_case
from config.embedded import BASE_DIR
from marketplace.models import Listing
from marketplace.services import listings
from notifications.models import Notification, WebhookAttempt, WebhookDelivery, WebhookSubscription
from notifications.tasks import send_webhooks
from notifications.webhooks import calling, sending, signing, subscribing
from notifications.webhooks import publish as publish_step
from notifications.webhooks.events import EVENTS
from orders.models import Parcel
from tests.make import make_farmer, make_listing, make_moderator, make_user
from tests.marketplace import selling
from tests.notifications.hook_stand_in import Subscriber, subscriber
from tests.orders.making import make_order, make_parcel

pytestmark = pytest.mark.django_db

publish = use_case(publish_step)


@pytest.fixture
def server(settings) -> Iterator[Subscriber]:
    settings.WEBHOOK_ALLOWED_ADDRESSES = ["127.0.0.1"]
    with subscriber() as told:
        yield told


@pytest.fixture
def owner() -> Any:
    return make_user("Developer")


def subscribe(owner: Any, server: Subscriber, *events: str) -> WebhookSubscription:
    return subscribing.subscribe(owner=owner, url=server.url, events=events or list(EVENTS), now=timezone.now())


def say(owner: Any, event: str = "order.paid", **data: Any) -> str:
    return publish(event, to=[owner.pk], now=timezone.now(), **(data or {"order": "K7MX2-Q9THR"}))


def let_time_pass() -> None:
    WebhookDelivery.objects.filter(status="DUE").update(due_at=timezone.now())


def ids(server: Subscriber) -> list[str]:
    return [json.loads(body)["id"] for _headers, body in server.heard]


def test_an_event_is_sent_once_and_noted(owner, server):
    subscribe(owner, server)
    event_id = say(owner, total_fen=4980)

    assert (send_webhooks(), send_webhooks()) == (1, 0)

    (headers, body), attempt = server.heard[0], WebhookAttempt.objects.get()
    said = json.loads(body)
    assert (said["id"], said["type"], said["data"]) == (event_id, "order.paid", {"total_fen": 4980})
    assert (headers["Chushan-Event-Id"], headers["Chushan-Event"]) == (event_id, "order.paid")
    assert (attempt.http_status, attempt.answer) == (200, "thank you")
    assert WebhookDelivery.objects.get().status == "SENT"


def documented_check() -> Any:
    """The snippet that docs/webhooks.md gives to subscribers, run as it stands there."""
    text = Path(BASE_DIR / "docs/webhooks.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102  # our own document
    return space["is_from_chushan"]


def test_the_signature_is_what_the_document_says(owner, server):
    subscription = subscribe(owner, server)
    say(owner)
    send_webhooks()
    (headers, body), check = server.heard[0], documented_check()
    sent = headers["Chushan-Signature"]
    now = int(sent.split(",")[0][2:])

    assert check(subscription.secret, sent, body, now=now)
    assert not check(subscription.secret, sent, body + b" ", now=now)
    assert not check("whsec_other", sent, body, now=now)
    assert not check(subscription.secret, sent, body, now=now + 600), "an old message sent again by a thief"
    assert not check(subscription.secret, "nonsense", body, now=now)
    by_hand = hmac.new(subscription.secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    assert sent == f"t={now},v1={by_hand}"


def test_after_a_change_of_secret_both_sign_for_a_day(owner, server):
    old = subscribe(owner, server)
    new = subscribing.change_secret(subscription_id=old.pk, owner=owner, now=timezone.now())
    say(owner)
    send_webhooks()
    WebhookSubscription.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    say(owner)
    send_webhooks()

    check, (during, after) = documented_check(), server.heard
    now = int(timezone.now().timestamp())
    signed = [
        [check(secret, headers["Chushan-Signature"], body, now=now) for secret in (old.secret, new.secret)]
        for headers, body in (during, after)
    ]
    assert signed == [[True, True], [False, True]]


@pytest.mark.parametrize("way", [500, 404, "drop", "redirect", 301])
def test_what_is_not_taken_is_sent_again_under_the_same_id(owner, server, way):
    subscribe(owner, server)
    event_id = say(owner)
    server.ways = [way, way]

    for _round in range(3):
        send_webhooks()
        assert send_webhooks() == 0, "not before its time"
        let_time_pass()

    assert ids(server) == [event_id] * 3
    assert WebhookDelivery.objects.get().status == "SENT"
    assert WebhookAttempt.objects.count() == 3
    assert WebhookSubscription.objects.get().failing_since is None


def test_a_server_that_drips_is_cut_off_and_one_that_talks_for_ever_is_not_listened_to(owner, server, monkeypatch):
    monkeypatch.setattr(calling, "TOTAL_SECONDS", 0.6)
    monkeypatch.setattr(calling, "CONNECT_SECONDS", 0.3)
    server.ways = ["drip", "long"]

    dripping = calling.post(server.url, b"{}", {})
    talking = calling.post(server.url, b"{}", {})

    assert dripping.status is None
    assert dripping.milliseconds < 5_000
    assert (talking.status, len(talking.text)) == (200, calling.READ_BYTES)


def test_the_waits_add_up_to_a_day_and_then_the_owner_is_told_once(owner, server):
    assert timedelta(hours=23) < sum(sending.BACK_OFF, timedelta()) < timedelta(hours=24)
    subscribe(owner, server)
    for _event in range(2):
        say(owner)
    server.ways = [500] * 100
    for _round in range(len(sending.BACK_OFF)):
        send_webhooks()
        let_time_pass()
    WebhookSubscription.objects.update(failing_since=timezone.now() - timedelta(hours=24))

    send_webhooks()

    assert len(server.heard) == 2 * len(sending.BACK_OFF) + 1, "once it is switched off, nothing more is tried"
    assert WebhookSubscription.objects.get().status == "DISABLED"
    assert Notification.objects.filter(recipient=owner, kind="webhook_disabled").count() == 1
    server.ways = []
    subscribing.resume(subscription_id=WebhookSubscription.objects.get().pk, owner=owner)
    assert send_webhooks() == 1
    assert sorted(WebhookDelivery.objects.values_list("status", flat=True)) == ["FAILED", "SENT"]


def test_what_a_dead_worker_had_is_taken_up_again_and_its_late_note_is_void(owner, server):
    subscribe(owner, server)
    event_id = say(owner)
    claim = sending.claim_next(now=timezone.now())
    assert sending.claim_next(now=timezone.now()) is None
    later = timezone.now() + sending.CLAIM * 2

    again = sending.claim_next(now=later)
    sending.send(again)
    sending.note(claim=claim, answer=calling.Answer(None, "late", "", 0), began=later, now=later)

    assert ids(server) == [event_id]
    assert WebhookDelivery.objects.get().status == "SENT"


def test_an_event_that_is_rolled_back_is_told_to_nobody(owner, server):
    subscribe(owner, server)

    @use_case
    def failing() -> None:
        publish_step("order.paid", to=[owner.pk], now=timezone.now())
        raise WrongState

    with pytest.raises(WrongState):
        failing()

    assert not WebhookDelivery.objects.exists()


def test_only_who_asked_for_an_event_of_their_own_hears_of_it(owner, server):
    subscribe(owner, server, "order.paid")
    other = make_user("other")
    paused = subscribing.subscribe(owner=other, url=server.url, events=["order.paid"], now=timezone.now())
    subscribing.pause(subscription_id=paused.pk, owner=other)

    say(owner, "parcel.posted")
    say(make_user("third"))
    say(other)
    assert send_webhooks() == 0
    say(owner)
    assert send_webhooks() == 1


def test_a_test_message_goes_the_same_way_and_not_too_often(owner, server):
    subscription = subscribe(owner, server, "order.paid")
    for _time in range(subscribing.TESTS_A_MINUTE):
        subscribing.send_test(subscription_id=subscription.pk, owner=owner, now=timezone.now())
    with pytest.raises(subscribing.TooManyTests):
        subscribing.send_test(subscription_id=subscription.pk, owner=owner, now=timezone.now())

    send_webhooks()

    assert json.loads(server.heard[0][1])["type"] == "ping"


def test_what_was_taken_or_given_up_can_be_sent_again_under_its_own_id(owner, server):
    subscribe(owner, server)
    event_id = say(owner)
    with pytest.raises(WrongState):
        subscribing.replay(delivery_id=WebhookDelivery.objects.get().pk, owner=owner, now=timezone.now())
    send_webhooks()

    subscribing.replay(delivery_id=WebhookDelivery.objects.get().pk, owner=owner, now=timezone.now())
    send_webhooks()

    assert ids(server) == [event_id, event_id]


def test_nobody_touches_anothers(owner, server):
    subscription = subscribe(owner, server)
    say(owner)
    stranger, delivery = make_user("stranger"), WebhookDelivery.objects.get()
    acts: list[Any] = [subscribing.pause, subscribing.resume, subscribing.unsubscribe]
    timed: list[Any] = [subscribing.change_secret, subscribing.send_test]

    for act in acts:
        with pytest.raises(NotAllowed):
            act(subscription_id=subscription.pk, owner=stranger)
    for act in timed:
        with pytest.raises(NotAllowed):
            act(subscription_id=subscription.pk, owner=stranger, now=timezone.now())
    with pytest.raises(NotAllowed):
        subscribing.replay(delivery_id=delivery.pk, owner=stranger, now=timezone.now())
    subscription.refresh_from_db()
    assert subscription.status == "ACTIVE"


def test_limits_of_subscriptions(owner, server):
    subscribe(owner, server)
    for events in ([], ["order.eaten"]):
        with pytest.raises(InvalidInput):
            subscribing.subscribe(owner=owner, url="http://example.com/", events=events, now=timezone.now())
    with pytest.raises(InvalidInput):
        subscribe(owner, server)
    for number in range(subscribing.MOST - 1):
        subscribing.subscribe(
            owner=owner, url=f"https://example.com/{number}", events=["order.paid"], now=timezone.now()
        )
    with pytest.raises(InvalidInput):
        subscribing.subscribe(owner=owner, url="https://example.com/x", events=["order.paid"], now=timezone.now())


def test_what_ended_long_ago_is_forgotten(owner, server):
    subscribe(owner, server)
    say(owner)
    send_webhooks()

    assert sending.forget_old(now=timezone.now()) == 0
    assert sending.forget_old(now=timezone.now() + sending.KEEP * 2) == 1


# --- What happens in the shop -----------------------------------------------------------------------------------------


def listen(*people: Any) -> None:
    for person in people:
        WebhookSubscription.objects.create(
            owner=person, url="https://example.com/", events=list(EVENTS), secret="x", created_at=timezone.now()
        )


def heard_by(person: Any) -> list[str]:
    mine = WebhookDelivery.objects.filter(subscription__owner=person).order_by("pk")
    return list(mine.values_list("event", flat=True))


def test_a_parcels_whole_way_is_told_to_both_sides_without_a_word_about_persons():
    farmer, buyer = make_farmer(), make_user("Buyer 王小明")
    listen(farmer.user, buyer)

    make_parcel(Parcel.State.RECEIVED, buyer=buyer, wanted={make_listing(farmer, packs=1): 1})

    assert heard_by(buyer) == ["order.placed", "order.paid", "parcel.posted", "parcel.received"]
    assert heard_by(farmer.user) == ["listing.sold_out", "parcel.to_pack", "parcel.posted", "parcel.received"]
    bodies = " ".join(WebhookDelivery.objects.values_list("body", flat=True))
    for private in ("王小明", "+86", "漕溪", "SF1234567890123", "陈桂兰"):
        assert private not in bodies


def test_a_listings_approval_and_price_are_told_to_its_farmer():
    farmer = make_farmer()
    listen(farmer.user)
    revision = selling.submit(farmer)
    selling.decide(revision, make_moderator())
    listing = Listing.objects.get()

    listings.change_price(listing_id=listing.pk, farmer=farmer, price_fen=5000, now=timezone.now())

    assert heard_by(farmer.user) == ["listing.approved", "listing.changed"]


def test_without_subscribers_nothing_is_written():
    make_order()

    assert not WebhookDelivery.objects.exists()


def test_keys_are_long_and_differ():
    keys = {signing.new_secret() for _time in range(50)}

    assert len(keys) == 50
    assert min(len(key) for key in keys) > 40
