"""What the suite itself stands on: a worker that empties its cache leaves the others' alone."""

from django.conf import settings
from django.core.cache import cache

from tests.caching import OwnKeys


def test_emptying_one_workers_cache_leaves_anothers():
    theirs = OwnKeys(settings.CACHES["default"]["LOCATION"], {"KEY_PREFIX": "test-somebody-else"})
    theirs.set("tries", 3, 60)
    cache.set("tries", 5, 60)

    cache.clear()

    assert cache.get("tries") is None
    assert theirs.get("tries") == 3
    theirs.clear()
    assert theirs.get("tries") is None
