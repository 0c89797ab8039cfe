"""Promise: anybody finds a county's figures by the map, on a phone and on a laptop, and takes the same numbers away.

From the country to the map to a county, in Chinese with a thumb and in English by keyboard alone; each table stands beside its
chart, CSV and JSON say what the page says, and so does the yearly report on paper. Every page passed is inspected.
"""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override
from playwright.sync_api import Browser
from pypdfium2 import PdfDocument
from pytest_django.live_server_helper import LiveServer

from accounts.models import County
from fund.services.grants import report_grant
from insights.definitions import BY_NAME
from insights.report_pdf import PERSIMMON, PINE
from insights.services.keeping_up import start_over
from tests.acceptance.person import LAPTOP, PHONE, Exactly, Keyboard, Person, Thumb
from tests.fund import scene
from tests.insights import bulk
from tests.printed import read_pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COUNTY = "bulk-county-2"
CELLS = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"


@pytest.fixture
def shop(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two years of sales of four counties, and a programme of the fund in one of them."""
    now = timezone.now()
    monkeypatch.setattr(bulk, "COUNTIES", 4)
    bulk.fill(lines=2400, now=now)
    one, two = scene.make_steward("One"), scene.make_steward("Two")
    meals = scene.make_programme(one, county_id=County.objects.get(slug=COUNTY).pk, target_fen=100_000)
    scene.arrived(30_000)
    grant = scene.paid_grant(meals, 12_500, one, two)
    report_grant(grant_id=grant.pk, actor=one, report="热饭", beneficiaries=12, now=now)
    start_over(now)
    return live_server.url


def table(person: Person, name: str) -> list[list[str]]:
    """The cells of the rows below the head."""
    region = person.page.get_by_role("region", name=person.words(name))
    rows: list[list[str]] = region.locator("tbody tr").evaluate_all(CELLS)
    return rows


def large_figures(person: Person) -> dict[str, str]:
    """By their titles."""
    pairs = person.page.locator(".figure").evaluate_all(
        "all => all.map(one => [one.querySelector('dt').innerText.trim(), one.querySelector('dd b').innerText.trim()])"
    )
    return dict(pairs)


def download(person: Person, link: str) -> str:
    """What the file says that this link gives."""
    with person.page.expect_download() as given:
        person.hands.press(person.page.get_by_role("link", name=person.words(link)))
    return Path(given.value.path()).read_text(encoding="utf-8-sig")


def yuan(fen: int | str | None) -> str:
    """As the page has it: whole yuan, a dash for what is withheld."""
    return f"¥{round(int(fen) / 100):,}" if fen not in (None, "") else "–"


def look_at_the_county(person: Person) -> None:
    """From the country to the county by the map's table, and all that is on it."""
    page = person.page
    person.open("/figures/")
    person.follow("Map of counties")
    counties = page.locator("main table tbody tr").evaluate_all(CELLS)
    dots = page.locator(".dots circle title").evaluate_all("all => all.map(one => one.textContent)")
    assert sorted(dots) == sorted(f"{name}: {sold}" for name, sold, *_rest in counties)
    assert len(dots) == 4
    drawing = page.get_by_role("img", name=person.words("Where it was sold from"))
    box, screen = drawing.bounding_box(), page.viewport_size
    assert box
    assert screen
    assert 200 < box["width"] <= screen["width"]

    place = County.objects.get(slug=COUNTY)
    person.follow(Exactly(place.name_zh if person.language == "zh-hans" else place.name_en))
    person.back_at(f"/figures/county/{COUNTY}/")
    rows = table(person, "Sold by month")
    told = large_figures(person)

    lines = list(csv.DictReader(download(person, "Download as a table (CSV)").splitlines()))
    data: dict[str, Any] = json.loads(download(person, "Download for programs (JSON)"))

    assert len(rows) == len(lines) == len(data["months"]) == 12
    for row, line, month in zip(rows, lines, data["months"], strict=True):
        assert row[:4] == [
            month["month"], *map(yuan, (month["sold_fen"], month["sold_fen_year_before"], month["farmer_fen"]))
        ]  # fmt: skip
        assert [line["month"], line["sold_fen (sold.1)"], line["grams (weight.1)"]] == [
            month["month"], *("" if value is None else str(value) for value in (month["sold_fen"], month["grams"]))
        ]  # fmt: skip
    shown = [row for row in rows if row[1] != "–"]
    assert len(shown) > 6
    assert page.locator(".chart rect.now").count() == len(shown)
    totals = data["totals"]
    with override(person.language):
        sold = str(BY_NAME["sold"].title)
    assert told[sold] == yuan(totals["sold_fen"]) == yuan(sum(each["sold_fen"] or 0 for each in data["months"]))
    assert told[person.words("Kept by farmers")] == yuan(totals["farmer_fen"])
    assert told[person.words("Really paid to farmers")] == yuan(totals["paid_fen"])
    assert told[person.words("Farms that sold")] == str(totals["households"])
    programme = page.locator("section:has(> #programmes)").inner_text()
    assert "¥300.00" in programme
    assert "¥125.00" in programme
    assert f"{person.words('People reached')}\n12" in programme


def test_a_county_by_the_map_and_its_numbers_on_the_page_in_files_and_on_paper(browser: Browser, shop: str) -> None:
    wang = Person(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    look_at_the_county(wang)
    for path in ("/figures/produce/", "/figures/produce/bulk-1/", "/figures/league/", "/figures/definitions/"):
        wang.open(path)

    editor = Person(browser, shop, language="en", screen=LAPTOP, hands=(keys := Keyboard()))
    look_at_the_county(editor)

    # The year on paper: what the page of the same months says.
    year = timezone.localdate().year - 1
    editor.open(f"/figures/?from={year}-01&to={year}-12")
    link = editor.page.get_by_role("link", name=editor.words("Report of %(year)s (PDF)", year=year))
    keys.reach(link)
    address, english = str(link.get_attribute("href")), {"Accept-Language": "en"}
    paper = editor.page.request.get(address, headers=english).body()
    text = "".join(read_pdf(paper))
    for title, value in large_figures(editor).items():
        assert value.replace(" ", "") in text, title
    for row in table(editor, "Sold by month"):
        assert "".join(row).replace(" ", "") in text
    colours = {
        colour
        for page in PdfDocument(paper)
        for _count, colour in page.render().to_pil().convert("RGB").getcolors(10**6)
    }
    assert {PERSIMMON, PINE} <= colours, "the map's dots, the chart's bars"
