"""Ways through the two sign-in pages that several test modules take."""

from typing import Any

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Notification

ASK = reverse("account_request_login_code")
CONFIRM = reverse("account_confirm_login_code")
EN = {"Accept-Language": "en"}
ZH = {"Accept-Language": "zh-CN"}


def ask(client: Client, who: str, **more: Any) -> Any:
    """Ask for a code as somebody who types `who`."""
    return client.post(ASK, {"who": who}, headers=more.pop("headers", EN), **more)


def confirm(client: Client, code: str, **more: Any) -> Any:
    """Type a code."""
    return client.post(CONFIRM, {"code": code, "action": "verify"} | more, headers=EN)


def codes_for(user: User | None = None, **contact: str) -> list[str]:
    """The codes sent to a person, oldest first."""
    user = user or User.objects.get(**contact)
    sent = Notification.objects.filter(recipient=user, kind="sign_in_code").order_by("pk")
    return [notification.context["code"] for notification in sent]


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def wrong(code: str) -> str:
    """Another code of six digits."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def forget_minutes() -> None:
    """As if the minutes and hours of the rate limits had passed; the count of tries stays."""
    client: Any = cache._cache.get_client(write=True)  # type: ignore[attr-defined]  # only Redis can delete by prefix
    for key in client.scan_iter(match=f"{cache.key_prefix}:*:allauth:rl:*", count=1000):
        client.delete(key)
