"""Telling other people's programs what happened: signed, at least once, under one id, never inside our own network."""

from notifications.webhooks.publishing import publish

__all__ = ["publish"]
