"""Labels and packing sheets on paper: read back from the PDF as a printer would draw them."""

import re

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Order, Parcel
from tests.make import make_farmer, make_listing, make_user
from tests.orders.making import make_paid_order

pytestmark = pytest.mark.django_db


def read(content: bytes) -> list[str]:
    """The text of each page, without spaces and line ends."""
    pages = pypdfium2.PdfDocument(content)
    return [re.sub(r"\s+", "", page.get_textpage().get_text_bounded()) for page in pages]


def make_parcels(farmer, count: int) -> list[Parcel]:
    listing = make_listing(farmer, packs=99)
    return [
        make_paid_order(make_user("Buyer"), {listing: 2}, now=timezone.now()).parcels.get() for _one in range(count)
    ]


def test_a_label_says_where_it_goes_who_sends_it_and_what_is_in_it(client):
    farmer = make_farmer("赵凤英家")
    (parcel,) = make_parcels(farmer, 1)
    client.force_login(farmer.user)

    response = client.get("/sell/labels-a6.pdf", headers={"accept-language": "en"})

    (text,) = read(response.content)
    assert "no-store" in response["Cache-Control"]
    for said in (parcel.number, parcel.order.recipient, "赵凤英家", "脐橙5公斤×2", farmer.county.name_zh):
        assert re.sub(r"\s+", "", said) in text
    assert re.sub(r"\s+", "", parcel.order.address) in text


@pytest.mark.parametrize(
    ("recipient", "address"),
    [
        ("龘堃", "上海市徐汇区" + "漕溪北路三百九十八弄" * 20),
        ("喆赟", "W" * 250),
        ("𠮷野", "上海市"),
        ("<b>x</b>**y**", "a\u200b\u202eb"),
    ],
)
def test_rare_hanzi_and_long_addresses_stay_within_the_label(client, recipient, address):
    farmer = make_farmer()
    (parcel,) = make_parcels(farmer, 1)
    Order.objects.filter(pk=parcel.order_id).update(recipient=recipient, address=address, note="放门口" * 60)
    client.force_login(farmer.user)
    content = client.get("/sell/labels-a6.pdf").content

    (text,) = read(content)
    if "𠮷" in recipient:
        assert "〓野" in text
        assert "〓是打不出的字" in text
    else:
        assert recipient[:2] in text
        assert re.sub(r"\s+", "", address)[:200] in text or "\u202e" in address
    page = pypdfium2.PdfDocument(content)[0]
    width, height = page.get_size()
    for item in page.get_objects():
        left, bottom, right, top = item.get_bounds()
        assert left >= -1
        assert bottom >= -1
        assert right <= width + 1
        assert top <= height + 1


def test_four_on_a_page_the_most_urgent_first_in_the_same_queries_however_many(client):
    farmer = make_farmer()
    make_parcels(farmer, 1)
    client.force_login(farmer.user)
    with CaptureQueriesContext(connection) as few:
        assert len(read(client.get("/sell/labels-a4.pdf").content)) == 1
    make_parcels(farmer, 4)
    with CaptureQueriesContext(connection) as many:
        pages = read(client.get("/sell/labels-a4.pdf").content)

    assert len(pages) == 2
    assert len(many) == len(few)
    numbers = list(Parcel.objects.filter(farmer=farmer).order_by("post_by", "pk").values_list("number", flat=True))
    assert [number in pages[0] for number in numbers] == [True] * 4 + [False]
    assert len(read(client.get(f"/sell/labels-a6.pdf?parcel={numbers[2]}").content)) == 1


def test_the_packing_sheet_sums_up_and_has_nobodys_address(client):
    farmer = make_farmer("赵凤英家")
    parcels = make_parcels(farmer, 3)
    client.force_login(farmer.user)
    (text,) = read(client.get("/sell/packing.pdf").content)

    assert "共6箱：脐橙5公斤" in text
    assert all(parcel.number in text for parcel in parcels)
    order = parcels[0].order
    assert order.recipient not in text
    assert order.phone[-8:] not in text


def test_what_is_anothers_or_posted_has_no_label(client):
    farmer, other = make_farmer(), make_farmer("别家")
    (parcel,) = make_parcels(farmer, 1)
    make_parcels(other, 1)
    client.force_login(other.user)
    assert client.get(f"/sell/labels-a6.pdf?parcel={parcel.number}").status_code == 404
    assert parcel.number not in "".join(read(client.get("/sell/labels-a6.pdf").content))
    Parcel.objects.filter(pk=parcel.pk).update(state="SETTLED")
    client.force_login(farmer.user)
    assert client.get("/sell/labels-a6.pdf").status_code == 404


def test_programs_get_them_too(client):
    farmer = make_farmer()
    (parcel,) = make_parcels(farmer, 1)
    client.force_login(farmer.user)
    response = client.get("/api/v1/sell/labels/?paper=a4")

    assert response["Content-Type"] == "application/pdf"
    assert parcel.number in read(response.content)[0]
    assert parcel.number in read(client.get("/api/v1/sell/packing-sheet/").content)[0]
    assert client.get("/api/v1/sell/labels/?paper=b5").status_code == 422
    assert client.get("/api/v1/sell/labels/?parcel=NOPE").status_code == 404
