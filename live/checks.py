"""What the settings of a shop must say about broadcasts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from live.views.streaming import MIN_SECRET


@register(Tags.compatibility)
def media_server_is_set_up(**_kwargs: Any) -> list[CheckMessage]:
    """With a media server its secret is one, and farmers are told where to send to."""
    if not settings.LIVE_STREAM_SECRET:
        return []
    found: list[CheckMessage] = []
    if len(settings.LIVE_STREAM_SECRET) < MIN_SECRET or not settings.LIVE_STREAM_SECRET.isalnum():
        words = f"LIVE_STREAM_SECRET must be {MIN_SECRET} letters and digits or more: it stands in addresses."
        found.append(Error(words, id="live.E001"))
    if not (settings.LIVE_STREAM_RTMP_URL and settings.LIVE_STREAM_WHIP_URL):
        found.append(Error("LIVE_STREAM_RTMP_URL and LIVE_STREAM_WHIP_URL say where to send to.", id="live.E002"))
    return found
