"""Where files live: `default` is public (sanitised photos), `private` is never served by URL."""

from django.core.files.storage import Storage, storages


def private_storage() -> Storage:
    """The storage for documents and for photos as they came in."""
    return storages["private"]
