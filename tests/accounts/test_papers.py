"""Papers of a farmer: checked by content, private, for few eyes."""

import io

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import Farmer, FarmerDocument
from accounts.services import farmers
from tests.accounts.signing_in import EN, ZH
from tests.make import NOON, make_county, make_farmer, make_moderator, make_user

pytestmark = pytest.mark.django_db

STATUS = reverse("accounts:farmer_status")
ADD_PAPERS = reverse("accounts:document_add")


def picture(kind="JPEG", size=(60, 40), name="contract.jpg"):
    data = io.BytesIO()
    Image.new("RGB", size, "green").save(data, kind)
    return SimpleUploadedFile(name, data.getvalue())


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def farmer():
    return make_farmer(status=Farmer.Status.WAITING)


def add(client, *files, headers=EN):
    return client.post(ADD_PAPERS, {"papers": list(files)}, headers=headers)


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        (picture("JPEG", name="合同.jpeg"), "image/jpeg"),
        (picture("PNG", name="land"), "image/png"),
        (picture("WEBP", name="x.exe"), "image/webp"),
        (SimpleUploadedFile("paper.pdf", PDF), "application/pdf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_photos_and_pdfs_are_kept_in_private_under_a_random_name(client, farmer, file, media_type):
    client.force_login(farmer.user)
    stem = file.name.rsplit(".", 1)[0]
    file.seek(0)

    assert add(client, file).url == STATUS

    document = FarmerDocument.objects.get()
    assert document.media_type == media_type
    assert stem not in document.file.name
    assert document.original_name.startswith(stem)
    assert storages["private"].exists(document.file.name)
    assert not storages["default"].exists(document.file.name)
    assert client.get(f"/media/{document.file.name}").status_code == 404, "private files have no address"


@pytest.mark.parametrize(
    ("file", "words", "chinese"),
    [
        (SimpleUploadedFile("a.jpg", b"not a picture"), "can't be read", "打不开"),
        (SimpleUploadedFile("a.jpg", b""), "empty", "空"),
        (SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "can't be read", "打不开"),
        (SimpleUploadedFile("a.html", b"<script>alert(1)</script>"), "can't be read", "打不开"),
        (SimpleUploadedFile("a.gif", b"GIF89a" + b"\0" * 40), "can't be read", "打不开"),
        (SimpleUploadedFile("a.pdf", b"%PDF-1.4 cut off"), "not complete", "不完整"),
        (SimpleUploadedFile("a.pdf", PDF + b"\0" * (10 * 1024 * 1024)), "larger than 10 MB", "超过了 10 MB"),
    ],
    ids=["text", "empty", "svg", "html", "gif", "cut pdf", "huge"],
)
def test_what_is_no_photo_or_pdf_is_refused_beside_the_field(client, farmer, file, words, chinese):
    client.force_login(farmer.user)
    for language, expected in ((EN, words), (ZH, chinese)):
        file.seek(0)
        response = add(client, file, headers=language)

        assert response.status_code == 422
        assert expected in response.context["form"]["papers"].errors[0]
    assert not FarmerDocument.objects.exists()


def test_a_truncated_photo_is_refused(client, farmer):
    client.force_login(farmer.user)
    whole = picture(size=(800, 800)).read()

    response = add(client, SimpleUploadedFile("a.jpg", whole[: len(whole) // 2]))

    assert response.status_code == 422
    assert not FarmerDocument.objects.exists()


def test_a_photo_with_too_many_pixels_is_refused_unread(client, farmer, settings):
    settings.PHOTO_MAX_PIXELS = 1000
    client.force_login(farmer.user)

    response = add(client, picture(size=(40, 40)))

    assert "too many pixels" in response.context["form"]["papers"].errors[0]


def test_one_bad_paper_keeps_the_good_one_out_too(client, farmer):
    client.force_login(farmer.user)

    assert add(client, picture(), SimpleUploadedFile("b.jpg", b"no")).status_code == 422
    assert not FarmerDocument.objects.exists()


def test_four_papers_are_enough(client, farmer):
    client.force_login(farmer.user)
    add(client, picture(), picture(), picture())

    refused = add(client, picture(), picture())
    add(client, picture())
    page = client.get(STATUS, headers=EN)

    assert "At most 4 papers" in refused.context["form"]["papers"].errors[0]
    assert FarmerDocument.objects.count() == 4
    assert page.context["form"] is None


def test_a_name_that_means_harm_is_made_harmless(client, farmer):
    client.force_login(farmer.user)

    add(client, picture(name='..\\..\\etc/pass"wd\n<b>.php'))

    document = FarmerDocument.objects.get()
    assert not set(document.original_name) & set('/\\"<>\n')
    assert document.original_name.endswith(".jpg")


def test_taking_one_back_deletes_the_file_too(client, farmer, django_capture_on_commit_callbacks):
    client.force_login(farmer.user)
    add(client, picture())
    document = FarmerDocument.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("accounts:document_remove", args=[document.pk]))

    assert not FarmerDocument.objects.exists()
    assert not storages["private"].exists(document.file.name)


def test_if_the_rows_are_not_saved_no_file_stays(farmer, monkeypatch):
    before = set(storages["private"].listdir("documents")[1]) if storages["private"].exists("documents") else set()
    monkeypatch.setattr(FarmerDocument, "save", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        farmers.add_documents(user_id=farmer.user_id, files=[picture()], now=NOON)

    assert set(storages["private"].listdir("documents")[1]) == before


def test_it_comes_as_a_download_that_no_browser_runs(client, farmer):
    client.force_login(farmer.user)
    add(client, picture(name="合同.jpg"))

    response = client.get(reverse("accounts:farmer_document", args=[FarmerDocument.objects.get().pk]))

    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content)[:2] == b"\xff\xd8"


def test_who_may_read_it(client, farmer):
    client.force_login(farmer.user)
    add(client, picture())
    url = reverse("accounts:farmer_document", args=[FarmerDocument.objects.get().pk])
    posted, elsewhere, former = make_user(), make_user(), make_user()
    posted.postings.create(county=farmer.county, starts_on="2026-01-01")
    elsewhere.postings.create(county=make_county("gansu-dongxiang", code="622926"), starts_on="2026-01-01")
    former.postings.create(county=farmer.county, starts_on="2025-01-01", ends_on="2025-02-01")
    people = [
        farmer.user,
        make_moderator(),
        posted,
        elsewhere,
        former,
        make_user(),
        make_farmer().user,
        make_user(is_staff=True),
    ]

    answers = []
    for person in people:
        client.force_login(person)
        answers.append(client.get(url).status_code)
    client.logout()

    assert answers == [200, 200, 200, 404, 404, 404, 404, 404]
    assert client.get(url).status_code == 302


def test_a_stranger_can_neither_add_to_nor_remove_from_it(client, farmer):
    client.force_login(farmer.user)
    add(client, picture())
    document = FarmerDocument.objects.get()
    client.force_login(make_user())

    assert client.post(reverse("accounts:document_remove", args=[document.pk])).status_code == 404
    assert add(client, picture()).status_code == 404
    assert list(FarmerDocument.objects.all()) == [document]
