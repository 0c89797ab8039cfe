"""The ASGI entry point of what tells watchers of broadcasts what happens (live/events/relay.py): no pages, no database."""

import os

from config import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
embedded.ensure()

from live.events.relay import application  # noqa: E402  # it reads settings

__all__ = ["application"]
