"""How many watch: counted in Valkey from those who asked for the room lately. Real ones, or none when it is away."""

import hashlib
import logging
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
STAYS = 20  # seconds since somebody last asked


def count_me(request: HttpRequest, broadcast_id: int, now: float) -> None:
    """Note that this visitor watches; told apart by session, else by address and browser. `now` in seconds."""
    who = request.session.session_key or ""
    who = who or f"{get_client_ip(request)} {request.headers.get('User-Agent', '')}"
    name = hashlib.sha256(f"{broadcast_id} {who}".encode()).hexdigest()[:16]
    try:
        client, key = _client(), _key(broadcast_id)
        pipe = client.pipeline(transaction=False)
        pipe.zadd(key, {name: now})
        pipe.zremrangebyscore(key, 0, now - STAYS)
        pipe.expire(key, STAYS * 3)
        pipe.execute()
    except RedisError:
        logger.warning("watchers are not counted: the cache is away")


def count(broadcast_id: int, now: float) -> int:
    """How many watch now; 0 when nobody can say."""
    try:
        return int(_client().zcount(_key(broadcast_id), now - STAYS, "+inf"))
    except RedisError:
        return 0


def _key(broadcast_id: int) -> str:
    return f"{cache.key_prefix}:live-watchers:{broadcast_id}"


def _client() -> Any:
    return cache._cache.get_client(write=True)  # type: ignore[attr-defined]  # sorted sets are beyond Django's cache
