"""The WSGI entry point for gunicorn."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
embedded.ensure()
application = get_wsgi_application()

# With --preload all this is loaded once, before the workers are forked: they share its memory, nobody's first request
# waits for it, and a worker that was killed has a successor at once.
import_module(settings.ROOT_URLCONF)
import_module("marketplace.chinese").load()
gc.freeze()
