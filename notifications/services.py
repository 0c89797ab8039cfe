"""Every write of notifications."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.transactions import needs_transaction, use_case
from notifications.models import Notification

if TYPE_CHECKING:
    from accounts.models import User


@needs_transaction
def notify(
    *, recipient: User, kind: str, about: str, now: datetime, link: str = "", occurrence: str = "", **context: Any
) -> Notification | None:
    """Tell one person something, as a row in the caller's transaction; a step.

    `kind` is a key of notifications/texts.py, which also says the channels. `about` is e.g. "parcel:12". `context` holds
    JSON-able values the texts need (fen as integers, names as name_zh/name_en pairs). Telling the same person the same
    kind about the same thing twice makes one row, unless `occurrence` differs (e.g. the reminder's date).
    """
    raise NotImplementedError


@use_case
def send_code(*, user: User, channel: str, address: str, code: str) -> None:
    """Send a one-time sign-in code to `address` over "SMS" or "EMAIL"; forgotten once sent."""
    raise NotImplementedError
