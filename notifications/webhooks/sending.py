"""Sending what is due: claimed in one transaction, called outside any, noted in a third. At least once, same id each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from common.transactions import use_case
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookSubscription
from notifications.services.telling import notify
from notifications.webhooks import calling, signing

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 60, 120, 240, 480, 480)]  # 23.6 hours in all
CLAIM = timedelta(seconds=150)  # longer than Celery lets a task live
DISABLE_AFTER = timedelta(hours=23)
KEEP = timedelta(days=30)
Status = WebhookDelivery.Status


@dataclass(frozen=True)
class Claim:
    delivery: WebhookDelivery
    subscription: WebhookSubscription


@use_case
def claim_next(*, now: datetime) -> Claim | None:
    """The next delivery that is due, so that nobody else has it; what a dead worker had comes back when its claim lapses."""
    delivery = (
        WebhookDelivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("subscription")
        .filter(status__in=WebhookDelivery.OPEN, due_at__lte=now)
        .filter(subscription__status=WebhookSubscription.Status.ACTIVE)
        .order_by(
            F("subscription__failing_since").asc(nulls_first=True), "due_at", "pk"
        )  # who is well waits for no one
        .first()
    )
    if delivery is None:
        return None
    delivery.status, delivery.due_at = Status.SENDING, now + CLAIM
    delivery.attempts += 1
    delivery.tries_left = max(delivery.tries_left - 1, 0)
    delivery.save(update_fields=["status", "due_at", "attempts", "tries_left"])
    return Claim(delivery, delivery.subscription)


def send(claim: Claim) -> bool:
    """One attempt, and its line in the log. True when it was taken."""
    delivery, subscription = claim.delivery, claim.subscription
    began = timezone.now()
    body = delivery.body.encode()
    is_old_valid = subscription.old_secret_until and subscription.old_secret_until > began
    keys = [subscription.secret, subscription.old_secret if is_old_valid else ""]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Chushan-Webhooks/1",
        "Chushan-Event": delivery.event,
        "Chushan-Event-Id": delivery.event_id,
        signing.HEADER: signing.signature(body, int(began.timestamp()), *keys),
        "Connection": "close",
    }
    answer = calling.post(subscription.url, body, headers)
    note(claim=claim, answer=answer, began=began, now=timezone.now())
    return answer.is_taken


@use_case
def note(*, claim: Claim, answer: calling.Answer, began: datetime, now: datetime) -> None:
    """Write down how an attempt went, if the claim is still ours; try later, or give up and perhaps switch it off."""
    ours = WebhookDelivery.objects.select_for_update(no_key=True).filter(
        pk=claim.delivery.pk, status=Status.SENDING, attempts=claim.delivery.attempts
    )
    delivery = ours.first()
    if delivery is None:
        return
    WebhookAttempt.objects.create(
        delivery=delivery,
        number=delivery.attempts,
        started_at=began,
        milliseconds=answer.milliseconds,
        http_status=answer.status,
        error=answer.error,
        answer=answer.text[:500],
    )
    subscriptions = WebhookSubscription.objects.filter(pk=delivery.subscription_id)
    if answer.is_taken:
        delivery.status, delivery.sent_at = Status.SENT, now
        subscriptions.filter(failing_since__isnull=False).update(failing_since=None)
    else:
        subscriptions.filter(failing_since__isnull=True).update(failing_since=began)
        if delivery.tries_left:
            step = len(BACK_OFF) - delivery.tries_left
            delivery.status, delivery.due_at = Status.DUE, now + BACK_OFF[max(step, 0)]
        else:
            delivery.status = Status.FAILED
            _disable_if_failing(delivery.subscription_id, now)
    delivery.save(update_fields=["status", "due_at", "sent_at"])


def _disable_if_failing(subscription_id: int, now: datetime) -> None:
    """Nothing got through for a day: stop calling, and tell the owner once. What is due waits for them."""
    failing = WebhookSubscription.objects.filter(
        pk=subscription_id, status=WebhookSubscription.Status.ACTIVE, failing_since__lt=now - DISABLE_AFTER
    )
    if not failing.update(status=WebhookSubscription.Status.DISABLED):
        return
    subscription = WebhookSubscription.objects.select_related("owner").get(pk=subscription_id)
    notify(
        recipient=subscription.owner,
        kind="webhook_disabled",
        about=f"webhook:{subscription.pk}",
        occurrence=str(now),
        now=now,
        link=reverse("notifications:webhook_detail", args=[subscription.pk]),
    )


def forget_old(*, now: datetime) -> int:
    """Delete what ended long ago, a part at a time. Returns how many."""
    ended = ~Q(status__in=WebhookDelivery.OPEN) | ~Q(subscription__status=WebhookSubscription.Status.ACTIVE)
    old = Q(created_at__lt=now - KEEP) & ended
    ids = list(WebhookDelivery.objects.filter(old).order_by("pk").values_list("pk", flat=True)[:500])
    WebhookDelivery.objects.filter(pk__in=ids).delete()
    return len(ids)
