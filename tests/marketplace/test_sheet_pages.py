"""The pages of sheets, as a farmer uses them: with and without JavaScript."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marketplace.models import Listing, Photo, SheetImport
from marketplace.services.imports.knowing import photo_code
from marketplace.tasks import run_sheets
from tests.make import make_farmer, make_listing, make_photo, make_produce, make_user
from tests.marketplace.pictures import encoded, picture
from tests.marketplace.sheeting import A_ROW, as_csv, rows_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer() -> Any:
    make_produce()
    return make_farmer()


@pytest.fixture
def client(farmer) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(farmer.user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"marketplace:{name}", args=args)


def upload(client: Client, data: bytes, name: str = "table.csv") -> Any:
    return client.post(page("sheet_list"), {"file": SimpleUploadedFile(name, data)}, follow=True)


def test_the_whole_way_by_reloading(client, farmer):
    waiting = upload(client, as_csv(rows_of(A_ROW)))
    assert "It is being looked at." in waiting.content.decode()

    run_sheets()
    sheet = SheetImport.objects.get()
    looked = client.get(page("sheet_detail", sheet.pk)).content.decode()
    assert "This is what it would do" in looked
    assert "Navel orange · 5 kg" in looked
    assert not Listing.objects.exists()

    saving = client.post(page("sheet_confirm", sheet.pk), follow=True)
    assert "It is being saved." in saving.content.decode()
    run_sheets()

    done = client.get(page("sheet_detail", sheet.pk)).content.decode()
    assert "1 new listing still needs a photo" in done
    assert Listing.objects.get().farmer == farmer


def test_htmx_asks_only_how_far_it_is_and_reloads_when_it_is_done(client):
    upload(client, as_csv(rows_of(A_ROW)))
    url = page("sheet_detail", SheetImport.objects.get().pk)

    part = client.get(url, headers={"hx-request": "true"})
    run_sheets()
    done = client.get(url, headers={"hx-request": "true"})

    assert part.content.decode().lstrip().startswith("<div")
    assert done.headers["HX-Refresh"] == "true"


def test_problems_are_shown_in_the_readers_language(client):
    upload(client, as_csv(rows_of(A_ROW | {"weight": "5"})))
    run_sheets()
    url = page("sheet_detail", SheetImport.objects.get().pk)

    english = client.get(url).content.decode()
    chinese = client.get(url, headers={"accept-language": "zh-hans"}).content.decode()

    assert "The unit is missing: is it kg or 斤?" in english
    assert "column B" in english
    assert "少了单位" in chinese
    assert "第 2 行" in chinese


def test_an_empty_form_and_a_large_file_are_answered_beside_the_field(client):
    assert "Please choose a file." in client.post(page("sheet_list")).content.decode()
    large = upload(client, b"x" * (4 * 1024 * 1024 + 1))

    assert large.status_code == 422
    assert "too large" in large.content.decode()
    assert not SheetImport.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_explains_its_columns(client, kind):
    response = client.get(page("sheet_template", kind))

    assert response.headers["Content-Disposition"] == f'attachment; filename="chushan-template.{kind}"'
    if kind == "csv":
        assert "Its name in Chinese, pinyin or English" in response.content.decode("utf-8-sig")
    else:
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        assert book.sheetnames == ["商品 Listings", "品种 Produce"]
        assert "脐橙" in [cell.value for cell in book["品种 Produce"]["A"]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_comes_back_unchanged_through_the_page(client, farmer, kind):
    make_listing(farmer)
    make_listing(make_farmer("Another", user=make_user("other")))

    upload(client, client.get(page("sheet_export", kind)).content, f"x.{kind}")
    run_sheets()
    sheet = SheetImport.objects.get()

    assert (sheet.status, sheet.row_count, sheet.unchanged_count) == ("READY", 1, 1)
    assert "There is nothing to save." in client.get(page("sheet_detail", sheet.pk)).content.decode()


def test_photos_are_sent_many_at_a_time_and_show_their_codes(client, farmer):
    files = [SimpleUploadedFile(f"{n}.jpg", encoded(picture()), "image/jpeg") for n in range(2)]

    response = client.post(page("sheet_photos"), {"photos": files}, follow=True)

    codes = [photo_code(photo.key) for photo in Photo.objects.filter(uploaded_by=farmer.user)]
    assert len(codes) == 2
    assert all(code in response.content.decode() for code in codes)


def test_a_file_that_is_no_photo_is_named(client):
    response = client.post(page("sheet_photos"), {"photos": SimpleUploadedFile("list.txt", b"no photo")})

    assert response.status_code == 422
    assert "list.txt" in response.content.decode()


def test_anothers_photos_are_not_shown(client):
    theirs = make_photo(make_user("other"))

    assert photo_code(theirs.key) not in client.get(page("sheet_photos")).content.decode()


def test_a_thrown_away_sheet_cannot_be_saved(client, farmer):
    sheet = send(farmer, as_csv(rows_of(A_ROW)))

    client.post(page("sheet_drop", sheet.pk))
    client.post(page("sheet_confirm", sheet.pk))
    run_sheets()

    assert not Listing.objects.exists()
    assert "Thrown away" in client.get(page("sheet_detail", sheet.pk)).content.decode()


def test_a_long_preview_comes_in_pages(client, farmer):
    sheet = send(farmer, as_csv(rows_of(*[A_ROW | {"left": str(n)} for n in range(1, 61)])))

    first = client.get(page("sheet_detail", sheet.pk)).content.decode()
    second = client.get(page("sheet_detail", sheet.pk) + "?page=2").content.decode()

    assert (first.count("row 51<"), second.count("row 61<")) == (1, 1)
    assert "?page=2" in first
    assert "?page=3" not in second


@pytest.mark.parametrize("name", ["sheet_detail", "sheet_confirm", "sheet_drop"])
def test_a_stranger_finds_no_sheet_and_changes_nothing(farmer, name):
    sheet = send(farmer, as_csv(rows_of(A_ROW)))
    stranger = Client()
    stranger.force_login(make_farmer("Another", user=make_user("other")).user)

    for method in (stranger.get, stranger.post):
        assert method(page(name, sheet.pk)).status_code in {404, 405}
    sheet.refresh_from_db()
    assert sheet.status == "READY"


def test_a_page_asks_a_fixed_number_of_queries(client, farmer, django_assert_max_num_queries):
    sheet = send(farmer, as_csv(rows_of(*[A_ROW | {"left": str(n)} for n in range(1, 41)])))

    with django_assert_max_num_queries(8):
        client.get(page("sheet_detail", sheet.pk))
    with django_assert_max_num_queries(8):
        client.get(page("sheet_list"))
