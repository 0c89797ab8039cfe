"""The places that come with the project."""

import csv
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import County, Region
from accounts.services.places import DATA
from tests.make import make_address, make_farmer, make_user

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("load_places", stdout=out)
    return out.getvalue()


def test_all_832_counties_and_3743_regions_are_loaded_and_again_changes_nothing():
    assert load() == "3743 regions, 832 counties.\n"
    before = list(County.objects.order_by("pk").values()), list(Region.objects.order_by("pk").values())

    load()

    assert (list(County.objects.order_by("pk").values()), list(Region.objects.order_by("pk").values())) == before
    assert County.objects.count() == 832
    assert Region.objects.count() == 3743


def test_the_figures_of_the_official_list_come_out():
    load()

    by_year = {year: County.objects.filter(year_lifted=year).count() for year in range(2016, 2021)}
    assert by_year == {2016: 28, 2017: 125, 2018: 283, 2019: 344, 2020: 52}
    assert County.objects.values("province").distinct().count() == 22
    assert Region.objects.filter(level=Region.Level.PROVINCE).count() == 34
    assert County.objects.values("code").distinct().count() == 831, "two share one code: the slug is the key"


def test_every_region_lies_inside_one_of_the_level_above():
    load()

    inside: dict[str, str] = {
        Region.Level.PREFECTURE: Region.Level.PROVINCE,
        Region.Level.COUNTY: Region.Level.PREFECTURE,
    }
    regions = Region.objects.in_bulk()  # joined here: where many tests left rows behind, PostgreSQL plans it badly
    for region in regions.values():
        if region.level == Region.Level.PROVINCE:
            assert region.parent_id is None, region.code
        else:
            assert regions[region.parent_id].level == inside[region.level], region.code


def test_what_was_abolished_and_what_is_a_placeholder_is_marked():
    load()

    assert set(Region.objects.filter(is_current=False).values_list("code", flat=True)) == {"500105", "500112"}
    assert Region.objects.filter(is_virtual=True).count() == 9
    assert not Region.objects.filter(is_virtual=True).exclude(level=Region.Level.PREFECTURE).exists()


def test_loading_again_corrects_a_name_and_keeps_what_points_at_it():
    load()
    farmer = make_farmer(county=County.objects.get(slug="jiangxi-xunwu"))
    address = make_address(make_user())
    County.objects.update(name_zh="错")
    Region.objects.update(name_zh="错")

    load()

    farmer.refresh_from_db()
    address.refresh_from_db()
    assert farmer.county.name_zh == "寻乌县"
    assert address.county.name_zh == "徐汇区"


def test_both_names_are_there_for_every_place():
    load()

    assert not County.objects.filter(name_zh="").exists()
    assert not County.objects.filter(name_en="").exists()
    assert not Region.objects.filter(name_en="").exists()


def test_the_licences_stand_beside_the_data():
    notes = (DATA / "LICENSES.md").read_text(encoding="utf-8")

    assert "MIT" in notes
    assert len(list((DATA / "licenses").iterdir())) == 4
    with (DATA / "regions.csv").open(encoding="utf-8") as file:
        sources = {row["source"].split()[0] for row in csv.DictReader(file)}
    assert all(source.removeprefix("@") in notes for source in sources), sources
