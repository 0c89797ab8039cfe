"""The settings of the test suite: the real ones, with nothing shared between workers and nothing slow on purpose."""

import os
import tempfile
from pathlib import Path

from config.settings import *
from config.settings import CACHES, STORAGES, env

WORKER = f"{env('TEST_DB_SUFFIX')}{os.environ.get('PYTEST_XDIST_WORKER', '')}"
FILES = Path(tempfile.gettempdir(), f"chushan-test-files-{WORKER}-{os.getpid()}")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A real Valkey, but a database of its own and a prefix for each worker.
CACHES["default"]["BACKEND"] = "tests.caching.OwnKeys"
CACHES["default"]["LOCATION"] = env("CACHE_URL") or str(CACHES["default"]["LOCATION"]).replace("?db=1", "?db=2")
CACHES["default"]["KEY_PREFIX"] = f"test-{WORKER}"

# Pages are kept under a version that moves when a transaction commits; tests never commit.
PAGES_KEPT_SECONDS = 0

# Each test client builds the middleware anew: WhiteNoise would list every static file each time, a tenth of a second.
WHITENOISE_AUTOREFRESH = True

# Wake-ups go nowhere: tests call the tasks, and no worker of a running shop may pick up what a test sent.
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True

MEDIA_ROOT = FILES / "media"
LIVE_ROOT = FILES / "live"
PRIVATE_ROOT = FILES / "private"
STORAGES["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
STORAGES["private"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": str(PRIVATE_ROOT), "base_url": None},
}
