"""How many watch: counted in Valkey from those who asked for the room lately. Real ones, or none when it is away."""

import hashlib
import logging
from ipaddress import IPv6Address, ip_address
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from live.counted import key_of

logger = logging.getLogger(__name__)
STAYS = 20  # seconds since somebody last asked
GUESTS_PER_ADDRESS = 5  # a family behind one line; who calls by fifty browsers' names counts as five


def count_me(request: HttpRequest, broadcast_id: int, now: float) -> None:
    """Note that this visitor watches. `now` in seconds."""
    note([name_of(request)], broadcast_id, now)


def name_of(request: HttpRequest) -> str:
    """Who counts as one: a person who has signed in, however many browsers they use; else an address's browser.

    A guest's session is worth nothing here, for anybody can have another one. An address stands for five at most.
    """
    if request.user.is_authenticated:
        who = f"user {request.user.pk}"
    else:
        browser = hashlib.sha256(request.headers.get("User-Agent", "").encode()).digest()[0] % GUESTS_PER_ADDRESS
        who = f"guest {_line(get_client_ip(request) or '')} {browser}"
    return hashlib.sha256(who.encode()).hexdigest()[:16]


def _line(address: str) -> str:
    """The address, or of one in IPv6 the part that is the same for all that a household has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return parsed.exploded[:19] if isinstance(parsed, IPv6Address) else address


def note(names: list[str], broadcast_id: int, now: float) -> None:
    """Note that all of these watch now."""
    try:
        connection, key = client(), key_of(broadcast_id)
        pipe = connection.pipeline(transaction=False)
        pipe.zadd(key, dict.fromkeys(names, now))
        pipe.zremrangebyscore(key, 0, now - STAYS)
        pipe.expire(key, STAYS * 3)
        pipe.execute()
    except RedisError:
        logger.warning("watchers are not counted: the cache is away")


def count(broadcast_id: int, now: float) -> int:
    """How many watch now; 0 when nobody can say."""
    try:
        return int(client().zcount(key_of(broadcast_id), now - STAYS, "+inf"))
    except RedisError:
        return 0


def client() -> Any:
    """Valkey itself, for what is beyond Django's cache."""
    return cache._cache.get_client(write=True)  # type: ignore[attr-defined]
