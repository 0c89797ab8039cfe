"""What people texted back, as each provider brings it: one small reader a provider. To add one, put it into READERS.

No provider in use signs what it brings, so the address is the secret (SMS_REPLY_TOKEN); a reader only says what came in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

CHINA = ZoneInfo("Asia/Shanghai")  # Aliyun's clock, whatever the shop's is
MOST_LETTERS = 300


@dataclass(frozen=True)
class Reply:
    """One text message from somebody's phone. `key` is the provider's name of it: the same when it is brought again.

    `phone` is international ("+86138…"), `sent_at` None where the provider does not say when.
    """

    key: str
    phone: str
    text: str
    sent_at: datetime | None


def aliyun(item: dict[str, Any]) -> Reply | None:
    """Aliyun's SmsUp: {"phone_number", "content", "send_time", "dest_code", "sequence_id", "sign_name"}."""
    number, key = _digits(item.get("phone_number")), str(item.get("sequence_id") or "")
    if not number or not key:
        return None
    phone = (
        f"+86{number}" if re.fullmatch(r"1\d{10}", number) else f"+{number}"
    )  # inside China it comes without its code
    return Reply(key[:80], phone, _text(item.get("content")), _aliyun_time(str(item.get("send_time") or "")))


def plain(item: dict[str, Any]) -> Reply | None:
    """For any other: {"id", "from": "+86138…", "text", "sent_at": ISO 8601 with its offset or absent}."""
    number, key = _digits(str(item.get("from") or "").removeprefix("+")), str(item.get("id") or "")
    if not number or not key:
        return None
    try:
        sent_at = parse_datetime(str(item.get("sent_at") or ""))
    except ValueError:
        sent_at = None
    aware = sent_at if sent_at is not None and sent_at.tzinfo else None
    return Reply(key[:80], f"+{number}", _text(item.get("text")), aware)


READERS: dict[str, Callable[[dict[str, Any]], Reply | None]] = {"aliyun": aliyun, "plain": plain}


def _digits(value: object) -> str:
    """A phone number's digits without “+” or “00”; "" for what is none."""
    found = re.fullmatch(r"(?:00)?(\d{7,15})", str(value or "").strip(), re.ASCII)
    return found[1] if found else ""


def _text(value: object) -> str:
    return str(value if value is not None else "").replace("\x00", "").strip()[:MOST_LETTERS]


def _aliyun_time(text: str) -> datetime | None:
    """“2017-01-01 00:00:00” or “20170101000000”: its pages show both."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=CHINA)
        except ValueError:
            continue
    return None
