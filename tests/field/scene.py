"""A phone that sends entries: what a script of ours would send, without the browser."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from accounts.models import Farmer, User
from field.kinds import KINDS
from tests.accounts.signing_in import EN


class Phone:
    """One person's, on which entries are written for one farmer."""

    def __init__(self, farmer: Farmer, person: User | None = None) -> None:
        self.farmer, self.person = farmer, person or farmer.user
        self.client = Client(headers=EN | {"Accept": "application/json"})
        self.client.force_login(self.person)

    def address(self, slug: str) -> str:
        if self.person == self.farmer.user:
            return reverse("field:entry", args=[slug])
        return reverse("field:entry_for", args=[self.farmer.pk, slug])

    def seen(self, slug: str, thing: Any) -> str:
        """What stands in the form for a thing, as it is at this moment."""
        return KINDS[slug].value(type(thing).objects.get(pk=thing.pk))

    def send(self, slug: str, *, key: Any = None, **values: Any) -> Any:
        return self.client.post(self.address(slug), {"key": key or uuid4(), **values})
