"""What everybody was told: long ago sent and read, so that a new shop doesn't send weeks of messages at once."""

from datetime import datetime, timedelta

from django.db.models import F

from common.transactions import use_case
from config.demo.cast import LOGINS
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Delivery, Notification, OutboxMessage
from notifications.texts import as_email, as_sms

SHOWN = 60  # messages in the outbox to begin with
NEW_FOR = timedelta(days=3)


@use_case
def put_away(now: datetime) -> None:
    """Mark every delivery as sent when it was due, show the newest in the outbox, and read what is old."""
    waiting = Delivery.objects.filter(status=Delivery.Status.DUE)
    newest = list(waiting.select_related("notification__recipient").order_by("-due_at", "-pk")[:SHOWN])
    OutboxMessage.objects.bulk_create(_as_sent(delivery) for delivery in newest)
    waiting.update(status=Delivery.Status.SENT, sent_at=F("due_at"), attempts=1, provider_id="demo")
    Notification.objects.filter(kind=SIGN_IN_CODE).update(context={})  # as sending one does: nothing of it is kept
    unread = Notification.objects.filter(read_at=None)
    unread.filter(created_at__lt=now - NEW_FOR).update(read_at=F("created_at"))
    unread.exclude(recipient__phone__in=[login.phone for login in LOGINS]).update(read_at=F("created_at"))


def _as_sent(delivery: Delivery) -> OutboxMessage:
    told = delivery.notification
    language = told.recipient.language
    subject, body = "", ""
    if delivery.channel == Delivery.Channel.SMS:
        body = as_sms(told.kind, told.context, language)
    else:
        subject, body = as_email(told.kind, told.context, told.link, language)
    return OutboxMessage(
        delivery=delivery,
        channel=delivery.channel,
        address=delivery.address,
        subject=subject,
        body=body,
        written_at=delivery.due_at,
    )
