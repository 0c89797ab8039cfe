"""What people text back: kept once, if the phone is somebody's whom we know, and handed to whoever understands it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string

from common.transactions import use_case
from notifications.inbound import Reply
from notifications.models import SmsReply

MOST_A_DAY = 20  # from one phone; more is noise, and costs nobody an evening


def record_replies(provider: str, replies: Iterable[Reply], *, now: datetime) -> int:
    """Take in each by itself, so that a strange one stops no other. Returns how many were new and from a phone we know."""
    return sum(_record(provider=provider, reply=reply, now=now) for reply in replies)


@use_case
def _record(*, provider: str, reply: Reply, now: datetime) -> bool:
    """Keep one reply and do what it says, in one transaction. Nothing of a phone that belongs to nobody is kept."""
    sender = get_user_model().objects.filter(phone=reply.phone, phone_verified=True, is_active=True)
    user = sender.select_for_update(no_key=True).first()  # one at a time, so that the newest list is answered once
    if user is None or SmsReply.objects.filter(provider=provider, key=reply.key).exists():
        return False
    if SmsReply.objects.filter(user=user, received_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        return False
    sent_at = min(reply.sent_at or now, now)
    answers = import_string(settings.SMS_REPLY_ANSWERS)(user=user, text=reply.text, sent_at=sent_at, now=now)
    SmsReply.objects.create(
        provider=provider, key=reply.key, user=user, text=reply.text, sent_at=sent_at, received_at=now, answers=answers
    )
    return True
