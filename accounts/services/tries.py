"""How often a code was tried, where no row keeps it: atomically in the cache, so that parallel guesses can't outrun it."""

import hashlib
import sys
from contextlib import suppress

from django.core.cache import cache

KEPT_SECONDS = 3600  # longer than any code is good for


def count_try(challenge: str) -> int:
    """Count one more try at what `challenge` names; returns how many there were, this one included.

    What cannot be counted is no try: without the cache the answer is larger than any limit.
    """
    key = f"sign-in-tries:{hashlib.sha256(challenge.encode()).hexdigest()}"
    for _attempt in range(2):
        cache.add(key, 0, timeout=KEPT_SECONDS)
        with suppress(ValueError):  # the cache was emptied between the two
            return int(cache.incr(key))
    return sys.maxsize
