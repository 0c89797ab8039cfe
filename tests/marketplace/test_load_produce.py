"""The produce taxonomy as it is loaded from the files."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from marketplace.models import Produce
from marketplace.services.produce import load_produce
from tests.make import make_listing, make_produce

pytestmark = pytest.mark.django_db


def test_loads_every_group_and_kind_with_a_picture_that_exists():
    call_command("load_produce", verbosity=0)

    assert Produce.objects.filter(parent=None).count() == 11
    assert Produce.objects.exclude(parent=None).count() == 135
    pictures = {settings.BASE_DIR / "static/pictures" / produce.picture for produce in Produce.objects.all()}
    assert all(Path(picture).is_file() for picture in pictures)


def test_reads_cooling_units_and_months():
    load_produce()

    assert Produce.objects.get(slug="lychee").cold == Produce.Cold.YES
    assert Produce.objects.get(slug="apple").cold == Produce.Cold.RECOMMENDED
    assert Produce.objects.get(slug="camellia-oil").unit == Produce.Unit.LITRE
    assert Produce.objects.get(slug="navel-orange").harvest_months == [11, 12, 1, 2]


def test_a_second_run_changes_nothing():
    load_produce()
    before = list(Produce.objects.order_by("pk").values())

    load_produce()

    assert list(Produce.objects.order_by("pk").values()) == before


def test_brings_old_rows_up_to_date_without_touching_listings():
    listing = make_listing(produce=make_produce("navel-orange", name_en="Orange, old name", shelf_life_days=1))

    load_produce()

    listing.produce.refresh_from_db()
    assert (listing.produce.name_en, listing.produce.shelf_life_days) == ("Navel orange", 45)
    assert listing.produce.parent.picture
