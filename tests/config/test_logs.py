"""What the logs must not tell: who."""

import json
import logging
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError

from accounts.models import User
from config.logs import JsonFormatter, PlainFormatter
from tests.make import make_user

FORMATTERS = [PlainFormatter("%(message)s"), JsonFormatter("%(message)s")]
CANARIES = {
    "13912345678": "tried 13912345678",
    "139 1234 5678": "tried 139 1234 5678",
    "+8613912345678": "Key (phone)=(+8613912345678) already exists",
    "8613912345678": "GET /outbox/?address=%2B8613912345678",
    "wang@example.com": "Key (email)=(wang@example.com)",
    "wang%40example.com": "GET /?who=wang%40example.com",
    "6222020000001234567": "payee 6222020000001234567",
    "482913": "context: {'code': '482913'}",
}


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["plain", "json"])
@pytest.mark.parametrize(("private", "message"), CANARIES.items())
def test_people_are_blotted_out(formatter, private, message):
    line = formatter.format(logging.LogRecord("x", logging.ERROR, "", 0, message, (), None))

    assert private not in line
    assert "[" in line


@pytest.mark.parametrize("text", ["parcel K7MX2-Q9THR-1", "2026-11-24 13:18:09,157", "amount 123456 fen", "order 4021"])
def test_what_operators_need_stays(text):
    assert FORMATTERS[0].format(logging.LogRecord("x", logging.ERROR, "", 0, text, (), None)) == text


@pytest.mark.django_db
def test_what_the_database_says_of_a_phone_is_not_kept():
    """The control first: its message does name the phone."""
    make_user(phone="+8613912345678")
    with pytest.raises(IntegrityError) as broken:
        User.objects.create_user(phone="+8613912345678")
    assert "13912345678" in str(broken.value)
    what_broke = (broken.type, broken.value, broken.tb)
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "broken", (), what_broke)

    for formatter in FORMATTERS:
        assert "13912345678" not in formatter.format(record)
    json.loads(FORMATTERS[1].format(record))


def test_the_shop_logs_through_these():
    formatters: Any = settings.LOGGING["formatters"]

    assert {one["()"] for one in formatters.values()} == {"config.logs.PlainFormatter", "config.logs.JsonFormatter"}
