"""What a farmer's text message answers: “1”, “好” or “收到” says that the newest pick list was seen."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from accounts.models import Farmer, User
from common.transactions import needs_transaction
from orders.models import PickList
from orders.services.picking import see_list

YES = frozenset(
    [
        "1",
        "好",
        "好的",
        "好嘞",
        "行",
        "可以",
        "收到",
        "已收到",
        "收到了",
        "知道了",
        "看到了",
        "是",
        "嗯",
        "ok",
        "okay",
        "y",
        "yes",
    ]
)
STILL_MEANT = timedelta(days=1)  # an answer to what is older than that answers nothing


@needs_transaction
def answer(*, user: User, text: str, sent_at: datetime, now: datetime) -> str:
    """What the message answered: “pick_list:12”, or "" where a person has to read it; a step.

    A message that was long on its way is about the newest list that there was when it was sent.
    """
    farmer = Farmer.objects.filter(user=user).first()
    if farmer is None or not is_yes(text):
        return ""
    asked = PickList.objects.filter(farmer=farmer, made_at__lte=sent_at, made_at__gte=now - STILL_MEANT).first()
    if asked is None:
        return ""
    see_list(asked, now)
    return f"pick_list:{asked.pk}"


def is_yes(text: str) -> bool:
    """“１。” and “ OK！” are as good as “1” and “ok”."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum()) in YES
