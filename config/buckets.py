"""Makes the two buckets of the object storage, if they are missing. Run it before the shop opens, as often as you like.

python -m config.buckets
"""

import os
import sys

ALREADY = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def make_buckets() -> list[str]:
    """Make the buckets for public photos and private documents. Returns the names of those that were missing."""
    from botocore.exceptions import ClientError
    from django.core.files.storage import storages

    made = []
    for alias in ("default", "private"):
        storage = storages[alias]
        try:
            storage.connection.meta.client.create_bucket(Bucket=storage.bucket_name)  # type: ignore[attr-defined]
        except ClientError as error:
            if error.response["Error"]["Code"] not in ALREADY:
                raise
        else:
            made.append(storage.bucket_name)  # type: ignore[attr-defined]
    return made


def main() -> int:
    """Set Django up and make the buckets. Nothing to do, and status 0, without S3_BUCKET."""
    if not os.environ.get("S3_BUCKET", "").strip():
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    for name in make_buckets():
        sys.stdout.write(f"made bucket {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
