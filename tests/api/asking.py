"""Asking the API in tests."""

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services.tokens import make_token

SCOPES = ("read", "buy", "sell")


def token_for(user: User, *scopes: str) -> str:
    """The value of a token of theirs."""
    return make_token(user_id=user.pk, name="Program", scopes=scopes or SCOPES, days=30, now=timezone.now())[1]


class Api:
    """A program with a token (or without: a guest)."""

    def __init__(self, token: str = "", **headers: str) -> None:
        self.client = Client()
        self.headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **headers}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; `body` as JSON. Header names with _ for -."""
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        sent: dict[str, Any] = {}
        if body is not None:
            sent = {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/v1/{path}", **sent, headers={**self.headers, **extra})

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("post", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("put", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("patch", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.ask("delete", path, **headers)


def as_(user: User, *scopes: str) -> Api:
    """A program that acts for somebody."""
    return Api(token_for(user, *scopes))
