"""The tests' cache: one Valkey for all workers, of which each sees, and empties, only its own keys."""

from typing import Any

from django.core.cache.backends.redis import RedisCache


class OwnKeys(RedisCache):
    """Django's own empties the whole database, the other workers' limits and kept pages with it."""

    def clear(self) -> None:
        client: Any = self._cache.get_client(write=True)
        for key in client.scan_iter(match=f"{self.key_prefix}:*", count=1000):
            client.delete(key)
