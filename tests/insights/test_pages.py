"""Pages of public figures: computed, the same for everybody, kept, and of few queries; a wrong period is said kindly."""

import csv
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import County
from fund.services.grants import report_grant
from insights import figures, map
from insights.models import Sale
from insights.periods import Period, last_twelve
from insights.services.keeping_up import start_over
from marketplace.models import Produce
from tests.fund.scene import arrived, make_programme, make_steward, paid_grant
from tests.insights import bulk
from tests.make import NOON
from tests.planning import analyze
from tests.printed import read_pdf

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


# --- The API -------------------------------------------------------------------------------------------------------------

SPAN = {"from": "2026-03", "to": "2026-08"}


def api(path: str, **query: str) -> Any:
    return Client().get(f"/api/v1/figures/{path}", query, headers={"Accept-Language": "en"})


def test_programs_get_what_the_downloads_give() -> None:
    place, kind = County.objects.get(slug="bulk-county-3"), Produce.objects.get(slug="bulk-3")
    pairs = {
        "": ("nation_data", []),
        "counties/": ("counties_data", []),
        f"counties/{place.slug}/": ("county_data", [place.slug]),
        "produce/": ("kinds_data", []),
        f"produce/{kind.slug}/": ("produce_data", [kind.slug]),
    }
    for path, (name, args) in pairs.items():
        told = api(path, **SPAN)
        assert told.json() == get(f"insights:{name}", *args, "json", **SPAN).json(), path
        assert told.json()["period"] == SPAN
        assert len(list(csv.reader(get(f"insights:{name}", *args, "csv", **SPAN).content.decode().splitlines()))) > 3
    ranked = api("league/", year="2025").json()
    assert ranked == get("insights:league_data", 2025, "json").json()
    assert len(ranked["counties"]) > 5

    meant = {each["label"] for each in api("definitions/").json()["figures"]}
    assert {label for path in pairs for label in api(path).json()["definitions"].values()} <= meant


def test_programs_are_told_what_was_wrong_with_a_period_or_a_year() -> None:
    for path, query, parameter in [
        ("", {"from": "2026-13"}, "from"),
        ("counties/", {"to": "2999-01"}, "to"),
        ("counties/bulk-county-1/", {"from": "2026-03", "to": "2026-01"}, "from"),
        ("league/", {"year": "2099"}, "year"),
    ]:
        refused = api(path, **query)
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, parameter), path
    assert api("counties/nowhere/").status_code == 404
    assert api("produce/bulk-0/").status_code == 404, "a group, and no kind"


def test_a_county_is_read_in_few_queries_by_programs_and_people(django_assert_max_num_queries: Any) -> None:
    for _time in range(2):
        with django_assert_max_num_queries(6):
            assert api("counties/bulk-county-3/").status_code == 200
    with django_assert_max_num_queries(9):
        get("insights:county", "bulk-county-3")


# --- The fund in a county -------------------------------------------------------------------------------------------------


def test_a_countys_page_tells_what_the_fund_does_there() -> None:
    place, one, two = County.objects.get(slug="bulk-county-3"), make_steward("One"), make_steward("Two")
    meals = make_programme(one, county_id=place.pk, target_fen=100_000)
    make_programme(one, "elsewhere", county_id=County.objects.get(slug="bulk-county-4").pk, name_en="Elsewhere")
    arrived(30_000)
    grant = paid_grant(meals, 12_500, one, two)

    def told() -> str:
        page = get("insights:county", place.slug).content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", page.split('id="programmes"')[1].split("</main>")[0]).split())

    report_grant(grant_id=grant.pk, actor=one, report="A week of meals", beneficiaries=4, now=NOON)
    with CaptureQueriesContext(connection) as with_one:
        few = told()
    assert "School meals A warm meal for children whose parents work away." in few
    assert "¥300.00 of ¥1,000.00 wanted" in few
    assert "Granted ¥125.00 People reached –" in few
    assert "Elsewhere" not in few

    make_programme(one, "clinic", county_id=place.pk, name_en="Clinic", area="HEALTH")
    for _turn in range(2):
        grant = paid_grant(meals, 100, one, two)
        report_grant(grant_id=grant.pk, actor=one, report="More", beneficiaries=4, now=NOON)
    with CaptureQueriesContext(connection) as with_two:
        many = told()
    assert len(with_two) == len(with_one)
    assert "Granted ¥127.00 People reached 12" in many
    assert "Clinic" in many
    assert api(f"counties/{place.slug}/").json()["programmes"] == [
        {"programme": "school-meals", "target_fen": 100_000, "came_fen": 30_000, "granted_fen": 12_700, "people": 12},
        {"programme": "clinic", "target_fen": None, "came_fen": 0, "granted_fen": 0, "people": None},
    ]


# --- The map and the yearly report ----------------------------------------------------------------------------------------


def test_the_map_has_each_public_county_at_its_place_with_its_name_and_none_of_too_few() -> None:
    month = Period(date(2025, 1, 1), date(2025, 1, 1))
    page = get("insights:county_list", **{"from": "2025-01", "to": "2025-01"}).content.decode()
    [text] = re.findall(r'<svg viewBox="0 0 800 .*?</svg>', page, re.DOTALL)
    svg = ElementTree.fromstring(text)  # noqa: S314  # our own page
    public = dict(figures.counties_sold(month))

    drawn = {circle.findtext("title"): circle for circle in svg.iter("circle")}
    assert set(drawn) == {f"{place.name_en}: ¥{round(added.sold_fen / 100):,}" for place, added in public.items()}
    for place, added in public.items():
        circle = drawn[f"{place.name_en}: ¥{round(added.sold_fen / 100):,}"]
        x, y = float(circle.attrib["cx"]), float(circle.attrib["cy"])
        assert (0 < x < map.WIDTH, 0 < y < map.HEIGHT) == (True, True)
        assert place.longitude == pytest.approx(x / (map.SCALE * map.SQUEEZE) + map.WEST, abs=0.01)
        assert place.latitude == pytest.approx(map.NORTH - y / map.SCALE, abs=0.01)
    assert {svg.find(f"*[@id='{name}']").text for name in svg.attrib["aria-labelledby"].split()} == {
        "Where it was sold from",
        "A map of the provinces with a dot for each county of which figures are public. The table has the same counties"
        " with their figures.",
    }
    assert all(path.findtext("title") for path in svg.iter("path"))

    sellers = Sale.objects.filter(day__year=2025, day__month=1).values_list("county").order_by()
    few = [place for place, farms in sellers.annotate(farms=Count("farmer", distinct=True)) if farms < 5]
    assert few, "or nothing is withheld"
    assert not {place.pk for place in public} & set(few)


def test_the_yearly_report_has_the_figures_of_the_pages() -> None:
    period = Period(date(2025, 1, 1), date(2025, 12, 1))
    found = figures.nation(period)

    paper = get("insights:report", 2025)

    told = "".join(read_pdf(paper.content))
    assert paper["Content-Type"] == "application/pdf"
    for fen in (found.added.sold_fen, found.added.farmer_fen, found.added.paid_fen):
        assert f"¥{round(fen / 100):,}" in told
    for each in found.months:
        assert each.added
        assert f"{each.month:%Y-%m}¥{round(each.added.sold_fen / 100):,}" in told
    for place, rank in zip(figures.league(2025)[:20], range(1, 21), strict=False):
        assert f"{rank}{place.county.name_en.replace(' ', '')}¥{round(place.fen_per_household / 100):,}" in told


# --- Plans ----------------------------------------------------------------------------------------------------------------

BIG = {"insights_sale", "insights_dayfigure", "insights_group", "insights_change"}
OTHERS = ("orders_", "payments_", "marketplace_listing", "marketplace_hold", "marketplace_lot", "accounts_farmer")
YEARS = """
INSERT INTO insights_month (month, is_stale, is_split, is_shown)
    SELECT month, false, true, true FROM generate_series(date '2020-01-01', date '2024-06-01', interval '1 month') month;
INSERT INTO insights_group (month_id, county_id, produce_id, sold_fen, farmer_fen, paid_fen, grams, packs)
    SELECT month, 90000 + county, nullif(90000 + produce, 90000), 1, 1, 1, 1, 1
    FROM generate_series(date '2020-01-01', date '2024-06-01', interval '1 month') month, generate_series(1, 24) county,
         generate_series(0, 6) produce;
"""


def read_whole(plan: dict[str, Any]) -> set[str]:
    """The large tables that some step of a plan reads from one end to the other."""
    name = plan.get("Relation Name", "")
    is_big = name in BIG or name.startswith(OTHERS)
    found = {name} if plan["Node Type"] == "Seq Scan" and is_big else set()
    return found.union(*(read_whole(step) for step in plan.get("Plans", [])))


def planned(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        found: dict[str, Any] = cursor.fetchone()[0][0]["Plan"]
    return found


def test_no_page_or_answer_reads_a_large_table_whole() -> None:
    with connection.cursor() as cursor:
        cursor.execute(YEARS)
    analyze()
    pages = [
        *(reverse(f"insights:{name}") for name in ("nation", "county_list", "produce_list", "league", "definitions")),
        reverse("insights:county", args=["bulk-county-3"]),
        reverse("insights:produce", args=["bulk-3"]),
        *(f"/api/v1/figures/{path}" for path in ("", "counties/", "counties/bulk-county-3/", "produce/", "league/")),
    ]
    for address in pages:
        with CaptureQueriesContext(connection) as seen:
            assert Client().get(address).status_code == 200
        asked = [query["sql"] for query in seen.captured_queries if query["sql"].startswith("SELECT")]
        assert {table for sql in asked for table in read_whole(planned(sql))} == set(), address
        assert len(asked) > 1 or "definitions" in address, address

    assert read_whole(planned("SELECT * FROM insights_group ORDER BY packs")) == {"insights_group"}, "the control"
