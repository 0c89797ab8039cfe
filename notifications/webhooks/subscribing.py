"""A person's own subscriptions: adding, changing the secret, testing, pausing, sending again. Another's raises NotAllowed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from common.wake import wake
from notifications.models import WebhookDelivery, WebhookSubscription
from notifications.webhooks import calling
from notifications.webhooks.events import EVENTS, PING
from notifications.webhooks.publishing import SEND, TRIES, write_for
from notifications.webhooks.signing import new_secret

if TYPE_CHECKING:
    from accounts.models import User

MOST = 10
OLD_SECRET_HOLDS = timedelta(hours=24)
TESTS_A_MINUTE = 5
Status = WebhookSubscription.Status


class TooManyTests(DomainError):
    """Test messages are for trying, not for load."""

    code = "too_many_tests"
    default_message = _("Please wait a minute before the next test.")


@use_case
def subscribe(*, owner: "User", url: str, events: Sequence[str], now: datetime) -> WebhookSubscription:
    """Tell this address of these events from now on. Raises InvalidInput (field "url" or "events")."""
    calling.check_url(url)
    check_events(events)
    get_user_model().objects.select_for_update(no_key=True).get(pk=owner.pk)  # so that the limit holds
    own = WebhookSubscription.objects.filter(owner=owner)
    if own.filter(url=url).exists():
        raise InvalidInput(_("This address is told already."), field="url")
    if own.count() >= MOST:
        raise InvalidInput(_("At most %(most)s addresses."), field="url", most=MOST)
    return WebhookSubscription.objects.create(
        owner=owner, url=url, events=sorted(set(events)), secret=new_secret(), created_at=now
    )


def check_events(events: Sequence[str]) -> None:
    """Raises InvalidInput unless there is at least one event, and all are known."""
    if not events or not set(events) <= EVENTS.keys():
        raise InvalidInput(_("Please choose what to tell."), field="events")


@use_case
def choose_events(*, subscription_id: int, owner: "User", events: Sequence[str]) -> WebhookSubscription:
    """Tell of these events instead."""
    check_events(events)
    subscription = _lock(subscription_id, owner)
    subscription.events = sorted(set(events))
    subscription.save(update_fields=["events"])
    return subscription


@use_case
def change_secret(*, subscription_id: int, owner: "User", now: datetime) -> WebhookSubscription:
    """A new secret; the old one signs too for a day, so that nothing is missed while it is put in place."""
    subscription = _lock(subscription_id, owner)
    subscription.old_secret, subscription.old_secret_until = subscription.secret, now + OLD_SECRET_HOLDS
    subscription.secret = new_secret()
    subscription.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return subscription


@use_case
def pause(*, subscription_id: int, owner: "User") -> WebhookSubscription:
    """Tell nothing for a while: what happens meanwhile is not kept for it."""
    return _set(subscription_id, owner, Status.PAUSED)


@use_case
def resume(*, subscription_id: int, owner: "User") -> WebhookSubscription:
    """Go on, with what was left when it was switched off."""
    wake(SEND)
    return _set(subscription_id, owner, Status.ACTIVE)


@use_case
def unsubscribe(*, subscription_id: int, owner: "User") -> None:
    """Forget an address, its secret and its log."""
    _lock(subscription_id, owner).delete()


@use_case
def send_test(*, subscription_id: int, owner: "User", now: datetime) -> WebhookDelivery:
    """A "ping" event through the same way as all others. Raises TooManyTests, WrongState unless switched on."""
    subscription = _lock(subscription_id, owner)
    if subscription.status != Status.ACTIVE:
        raise WrongState
    recent = subscription.deliveries.filter(event=PING, created_at__gt=now - timedelta(minutes=1))
    if recent.count() >= TESTS_A_MINUTE:
        raise TooManyTests
    return write_for(subscription, PING, now, subscription=subscription.pk)


@use_case
def replay(*, delivery_id: int, owner: "User", now: datetime) -> WebhookDelivery:
    """Send one event again, under its own id, whatever became of it before. Raises NotAllowed, WrongState while open."""
    found = WebhookDelivery.objects.filter(pk=delivery_id, subscription__owner=owner)
    delivery = found.select_for_update(of=("self",), no_key=True).first()
    if delivery is None:
        raise NotAllowed
    if delivery.status in WebhookDelivery.OPEN:
        raise WrongState
    delivery.status, delivery.due_at, delivery.tries_left = WebhookDelivery.Status.DUE, now, TRIES
    delivery.save(update_fields=["status", "due_at", "tries_left"])
    wake(SEND)
    return delivery


@needs_transaction
def _lock(subscription_id: int, owner: "User") -> WebhookSubscription:
    own = WebhookSubscription.objects.filter(pk=subscription_id, owner=owner)
    subscription = own.select_for_update(no_key=True).first()
    if subscription is None:
        raise NotAllowed
    return subscription


@needs_transaction
def _set(subscription_id: int, owner: "User", status: Status) -> WebhookSubscription:
    subscription = _lock(subscription_id, owner)
    subscription.status, subscription.failing_since = status, None
    subscription.save(update_fields=["status", "failing_since"])
    return subscription
