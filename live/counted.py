"""Under what name a watcher is counted, so that the relay, which knows nobody, counts them as the pages do."""

from django.conf import settings
from django.core import signing

SALT = "live.watcher"


def key_of(broadcast_id: int) -> str:
    """The sorted set of one broadcast's watchers, scored by when they were last there."""
    return f"{settings.CACHES['default']['KEY_PREFIX']}:live-watchers:{broadcast_id}"


def sign(name: str, broadcast_id: int) -> str:
    """The name as a page hands it to the browser, good for one room."""
    return signing.Signer(salt=f"{SALT}.{broadcast_id}").sign(name)


def read(signed: str, broadcast_id: int) -> str:
    """The name; "" for one that we did not hand out for this room."""
    try:
        return signing.Signer(salt=f"{SALT}.{broadcast_id}").unsign(signed)
    except signing.BadSignature:
        return ""
