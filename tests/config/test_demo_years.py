"""The demo's two years of sales: true to the shop's own rules, marked as demo, and growth that is counted and not typed in."""

import random

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import places
from config.demo import years
from config.verify import all_checks, run
from insights import figures
from insights.periods import last_twelve
from insights.services.keeping_up import start_over
from marketplace.services.produce import load_produce
from orders.models import Order
from tests.make import NOON, make_moderator

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_years(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few households, and some hundred orders."""
    monkeypatch.setattr(years, "COUNTIES", 2)
    places.load_places()
    load_produce()
    moderators = [make_moderator(is_demo=True), make_moderator(is_demo=True)]
    years.add_years(orders=700, moderators=moderators, now=NOON, dice=random.Random(1))
    start_over(NOON)


def test_everything_holds_and_everybody_is_marked(two_years: None) -> None:
    broken = {check.name for check in all_checks() if not check.is_heavy and not run(check, timezone.now()).is_clean}

    assert broken == set()
    assert Order.objects.count() == 700
    assert Order.objects.filter(status="CANCELLED").exists()
    assert not User.objects.filter(is_demo=False).exists()


def test_growth_is_counted_from_it(two_years: None) -> None:
    found = figures.nation(last_twelve(timezone.localdate(NOON)))

    assert found.withheld == 0
    assert found.added.paid_fen > 0
    before = sum(each.before.sold_fen for each in found.months if each.before)
    assert found.growth_percent == round((found.added.sold_fen - before) * 100 / before, 1)
    assert figures.league(2025)


def test_no_month_falls_out_of_line_and_what_is_sold_already_counts(two_years: None) -> None:
    found = figures.nation(last_twelve(timezone.localdate(NOON)))
    sold = [each.added.sold_fen for each in found.months if each.added]

    assert len(sold) == 12
    assert min(sold) * 3 > sum(sold) / 12
    assert Order.objects.latest("paid_at").paid_at > NOON - years.SETTLED_BY * 2
    assert len(list(years._orders(300, NOON, random.Random(2)))) < 10, "700 are there"
