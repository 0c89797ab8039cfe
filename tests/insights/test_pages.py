"""Pages of public figures: computed, the same for everybody, kept, and of few queries; a wrong period is said kindly."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from insights import figures
from insights.periods import Period, last_twelve
from insights.services.keeping_up import start_over
from tests.insights import bulk
from tests.make import NOON

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def sold(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """Two years of sales, made once for this module and rolled back after it."""
    from django.test import TestCase

    with django_db_blocker.unblock():
        atomics = TestCase._enter_atomics()  # type: ignore[attr-defined]  # as pytest-django's own class-wide fixture does
        try:
            bulk.fill(lines=6000, now=NOON)
            start_over.__wrapped__(NOON) if hasattr(start_over, "__wrapped__") else start_over(NOON)
            yield
        finally:
            TestCase._rollback_atomics(atomics)  # type: ignore[attr-defined]


@pytest.fixture
def shop(sold: Any, db: Any) -> None:
    """Those sales, and a transaction of the test's own on top of them."""


pytestmark = pytest.mark.usefixtures("shop")


def get(name: str, *args: Any, language: str = "en", **query: str) -> Any:
    return Client().get(reverse(name, args=args), query, headers={"Accept-Language": language})


def test_the_country_shows_what_was_sold_and_what_it_means() -> None:
    found = figures.nation(last_twelve(TODAY))

    page = get("insights:nation").content.decode()

    assert found.added.sold_fen > found.added.farmer_fen > found.added.paid_fen > 0
    for fen in (found.added.sold_fen, found.added.farmer_fen, found.added.paid_fen):
        assert f"¥{round(fen / 100):,}" in page
    assert f"{found.growth_percent:+.1f} %" in page
    assert "less what went back to them" in page
    assert "v1" in page
    assert page.count("<rect") == 24
    assert "style=" not in page


def test_it_speaks_chinese() -> None:
    page = get("insights:nation", language="zh-hans").content.decode()

    assert "出山的数字" in page
    assert "Sold" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"from": "x"},
        {"from": "2026-13"},
        {"from": "2026-03", "to": "2026-01"},
        {"to": "2999-01"},
        {"from": "2020-01", "to": "2026-01"},
    ],
)
def test_a_wrong_period_is_said_and_the_page_still_shows_something(query: dict[str, str]) -> None:
    response = get("insights:nation", **query)

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert "<rect" in response.content.decode()


def test_a_page_takes_few_queries_and_none_when_nothing_has_changed(settings: Any) -> None:
    settings.PAGES_KEPT_SECONDS = 30
    client = Client()
    with CaptureQueriesContext(
        connection,
    ) as made:
        first = client.get(reverse("insights:nation"))
    with CaptureQueriesContext(connection) as kept:
        second = client.get(reverse("insights:nation"), headers={"If-None-Match": first["ETag"]})

    assert len(made) <= 6
    assert len(kept) == 1  # the version
    assert (first.status_code, second.status_code) == (200, 304)


def test_growth_is_not_said_when_nothing_was_sold_the_year_before() -> None:
    assert figures.nation(Period(date(2024, 12, 1), date(2025, 6, 1))).growth_percent is None
