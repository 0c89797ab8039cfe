"""An import of 1,000 rows with 3 bad cells saves nothing and names the three cells; the mended file saves all, once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer
from marketplace.models import ImportedRow, Listing, ListingRevision, Lot, Photo, SheetImport
from marketplace.services.imports.knowing import photo_code
from marketplace.tasks import run_sheets
from tests.make import make_farmer, make_photo, make_produce
from tests.marketplace.sheeting import as_csv, as_xlsx, rows_of

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 1000
BAD = {500: ("weight", "5", "B502"), 3: ("price", "四十九", "C5"), 999: ("picked_on", "2026-13-01", "E1001")}


@pytest.fixture
def coop() -> Farmer:
    return make_farmer("Xunwu fruit cooperative", kind=Farmer.Kind.COOPERATIVE)


@pytest.fixture
def photo(coop: Farmer) -> Photo:
    return make_photo(coop.user)


def table(photo: Photo) -> list[dict[str, Any]]:
    """A thousand different boxes."""
    make_produce()
    picked = (timezone.localdate() - timedelta(days=2)).isoformat()
    return [
        {
            "produce": ["脐橙", "qicheng", "Navel orange"][number % 3],
            "weight": ["5 kg", "10斤"][number % 2],
            "price": f"{40 + number % 30}.{number % 10}0",
            "left": str(number % 90 + 1),
            "picked_on": picked,
            "words": f"第 {number} 号果园，皮薄汁多。",
            "photos": photo_code(photo.key) if number % 4 else "",
        }
        for number in range(ROWS)
    ]


def counts() -> list[int]:
    return [model.objects.count() for model in (Listing, ListingRevision, Lot, ImportedRow)]


def send(client: Client, data: bytes, name: str) -> SheetImport:
    response = client.post(reverse("marketplace:sheet_list"), {"file": SimpleUploadedFile(name, data)})
    assert response.status_code == 302
    sheet = SheetImport.objects.latest("pk")
    assert sheet.status == "CHECKING"
    run_sheets()
    sheet.refresh_from_db()
    return sheet


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_three_bad_cells_save_nothing_and_the_mended_file_saves_all_once(coop, photo, kind):
    rows = table(photo)
    broken = [dict(row) for row in rows]
    for number, (key, value, _cell) in BAD.items():
        broken[number][key] = value
    write = as_csv if kind == "csv" else as_xlsx
    encoding: dict[str, Any] = {"encoding": "gb18030"} if kind == "csv" else {}
    client = Client()
    client.force_login(coop.user)

    refused = send(client, write(rows_of(*broken), **encoding), f"broken.{kind}")

    assert refused.status == "REFUSED"
    assert counts() == [0, 0, 0, 0], "nothing of it is saved"
    named = {f"{problem['column']}{problem['row']}" for problem in refused.problems}
    assert named == {cell for _key, _value, cell in BAD.values()}
    page = client.get(reverse("marketplace:sheet_detail", args=[refused.pk])).content.decode()
    assert all(cell in page for cell in named)

    mended = send(client, write(rows_of(*rows), **encoding), f"mended.{kind}")

    assert (mended.status, mended.new_count, mended.problem_count) == ("READY", ROWS, 0)
    assert counts() == [0, 0, 0, 0], "a preview saves nothing"
    for _click in range(2):
        client.post(reverse("marketplace:sheet_confirm", args=[mended.pk]))
    run_sheets()
    run_sheets()
    client.post(reverse("marketplace:sheet_confirm", args=[mended.pk]))
    run_sheets()
    mended.refresh_from_db()

    assert mended.status == "DONE"
    assert counts() == [ROWS, ROWS, ROWS, ROWS]
    assert not Listing.objects.exclude(status="DRAFT").exists(), "buyers see none of it before a moderator has agreed"
    by_status = {status: ListingRevision.objects.filter(status=status).count() for status in ("WAITING", "DRAFT")}
    assert by_status == {"WAITING": 750, "DRAFT": 250}, "without a photo it stays a draft"
    assert sum(Lot.objects.values_list("harvested", flat=True)) == sum(int(row["left"]) for row in rows)

    again = send(client, write(rows_of(*rows), **encoding), f"again.{kind}")

    assert (again.status, again.new_count, again.changed_count, again.unchanged_count) == ("READY", 0, 0, ROWS)
    assert counts() == [ROWS, ROWS, ROWS, ROWS]


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    yield
    for sheet in SheetImport.objects.exclude(file=""):
        sheet.file.delete(save=False)
