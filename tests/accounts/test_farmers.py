"""Becoming a farmer: no licence, a clear answer to every slip, private papers."""

import io

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import Farmer, FarmerDocument
from common.errors import WrongState
from notifications.models import Notification
from tests.accounts.signing_in import EN, ZH
from tests.make import NOON, make_county, make_farmer, make_moderator, make_region, make_user

pytestmark = pytest.mark.django_db

APPLY = reverse("accounts:farmer_apply")
STATUS = reverse("accounts:farmer_status")
ADD_PAPERS = reverse("accounts:document_add")
CARD = "6222020000001234566"


@pytest.fixture
def person():
    return make_user("Chen Guilan")


def form(**changes):
    county = make_county()
    return {
        "name": "陈桂兰家",
        "kind": "HOUSEHOLD",
        "province": county.province_id,
        "county": county.pk,
        "town": "长宁镇",
        "village": "新村",
        "women_led": "on",
        "registered_poor": "on",
        "payee_kind": "BANK",
        "payee_name": "陈桂兰",
        "payee_account": "6222 0200 0000 1234 566",
    } | changes


def picture(kind="JPEG", size=(60, 40), name="contract.jpg"):
    data = io.BytesIO()
    Image.new("RGB", size, "green").save(data, kind)
    return SimpleUploadedFile(name, data.getvalue())


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


class TestApplying:
    def test_a_household_joins_without_a_licence(self, client, person):
        client.force_login(person)

        response = client.post(APPLY, form())

        assert response.url == STATUS
        farmer = Farmer.objects.get()
        assert farmer.user == person
        assert farmer.status == Farmer.Status.WAITING
        assert farmer.payee_account == CARD
        assert farmer.women_led
        assert farmer.registered_poor
        assert "We have it" in client.get(STATUS, headers=EN).content.decode()

    def test_those_who_decide_are_told_in_the_same_transaction(self, client, person):
        moderator = make_moderator()
        specialist, elsewhere, former = make_user(), make_user(), make_user()
        other_county = make_county("gansu-dongxiang", code="622926")
        specialist.postings.create(county=make_county(), starts_on=NOON.date())
        elsewhere.postings.create(county=other_county, starts_on=NOON.date())
        former.postings.create(county=make_county(), starts_on="2026-01-01", ends_on="2026-02-01")
        client.force_login(person)

        client.post(APPLY, form())

        told = Notification.objects.filter(kind="farmer_applied")
        assert {notification.recipient for notification in told} == {moderator, specialist}
        assert told[0].link == reverse("accounts:verification_decide", args=[Farmer.objects.get().pk])

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("name", ""),
            ("name", "x"),
            ("name", "很" * 61),
            ("kind", ""),
            ("kind", "COMPANY"),
            ("province", ""),
            ("province", "999999"),
            ("county", ""),
            ("county", "0"),
            ("county", "1; DROP"),
            ("town", " "),
            ("village", ""),
            ("payee_kind", "CASH"),
            ("payee_name", ""),
            ("payee_account", ""),
            ("payee_account", "6222020000001234567"),
            ("payee_account", "1234"),
        ],
    )
    @pytest.mark.parametrize(("language", "is_chinese"), [(EN, False), (ZH, True)])
    def test_a_slip_is_said_beside_its_field_and_all_that_was_typed_is_kept(
        self, client, person, field, typed, language, is_chinese
    ):
        client.force_login(person)

        response = client.post(APPLY, form(**{field: typed}), headers=language)

        assert response.status_code == 422
        shown = response.context["form"]
        error = shown[field].errors[0]
        assert any("一" <= letter <= "鿿" for letter in error) is is_chinese
        assert f'id="id_{field}_error"' in response.content.decode()
        assert all(
            str(shown[name].value()) == str(value) for name, value in form(**{field: typed}).items() if value != "on"
        )
        assert shown["women_led"].value()
        assert not Farmer.objects.exists()

    def test_a_county_of_another_province_is_refused(self, client, person):
        gansu = make_region("620000", "甘肃省", "Gansu", "PROVINCE")
        make_county("gansu-dongxiang", province=gansu, code="622926")
        client.force_login(person)

        response = client.post(APPLY, form(province="620000"))

        assert "county" in response.context["form"].errors
        assert not Farmer.objects.exists()

    def test_two_taps_make_one_farmer_and_tell_once(self, client, person):
        make_moderator()
        client.force_login(person)

        client.post(APPLY, form())
        client.post(APPLY, form(village="老村"))

        assert Farmer.objects.get().village == "老村"
        assert Notification.objects.filter(kind="farmer_applied").count() == 1

    def test_without_javascript_the_province_sends_the_form_and_keeps_what_was_typed(self, client, person):
        county = make_county()
        client.force_login(person)

        response = client.post(APPLY, form(county="", choose="1"), headers=EN)

        assert response.status_code == 200
        assert not response.context["form"].errors
        page = response.content.decode()
        assert f'<option value="{county.pk}">Xunwu County</option>' in page
        assert 'value="陈桂兰家"' in page
        assert not Farmer.objects.exists()

    def test_with_it_only_the_two_fields_are_fetched(self, client, django_assert_num_queries):
        county = make_county()

        with django_assert_num_queries(2):
            response = client.get(reverse("accounts:county_choices"), {"province": county.province_id}, headers=ZH)

        page = response.content.decode()
        assert "<html" not in page
        assert f'<option value="{county.pk}">寻乌县</option>' in page
        assert '<optgroup label="赣州市">' in page

    def test_a_refused_farmer_reads_why_corrects_it_and_waits_again(self, client, person):
        moderator = make_moderator()
        farmer = make_farmer(user=person, status=Farmer.Status.REFUSED, status_reason="请补充村名")
        client.force_login(person)

        assert "请补充村名" in client.get(STATUS).content.decode()
        page = client.get(APPLY)
        assert 'value="新村"' in page.content.decode()
        client.post(APPLY, form(village="上村"))

        farmer.refresh_from_db()
        assert (farmer.status, farmer.village, farmer.status_reason) == ("WAITING", "上村", "")
        assert farmer.applied_at > NOON
        assert Notification.objects.get(kind="farmer_applied").recipient == moderator

    @pytest.mark.parametrize("status", [Farmer.Status.VERIFIED, Farmer.Status.SUSPENDED])
    def test_who_was_decided_about_cannot_apply_over_it(self, client, person, status):
        from accounts.services import farmers

        farmer = make_farmer(user=person, status=status)
        client.force_login(person)

        response = client.post(APPLY, form(village="别的村"))

        assert response.url == STATUS
        application = farmers.Application(
            county_id=farmer.county_id, kind="HOUSEHOLD", name="陈桂兰家", town="镇", village="别的村", women_led=False,
            registered_poor=False, payee_kind="BANK", payee_name="陈桂兰", payee_account=CARD,
        )  # fmt: skip
        with pytest.raises(WrongState):
            farmers.apply_to_sell(user_id=person.pk, application=application, now=NOON)
        farmer.refresh_from_db()
        assert (farmer.status, farmer.village) == (status, "新村")

    def test_a_guest_is_asked_to_sign_in_and_comes_back(self, client):
        assert client.get(APPLY).url == f"{reverse('account_request_login_code')}?next={APPLY}"

    def test_the_status_page_shows_the_card_only_in_part(self, client, person):
        make_farmer(user=person)
        client.force_login(person)

        page = client.get(STATUS).content.decode()

        assert "****4567" in page
        assert "6222020000001234567" not in page

    @pytest.mark.parametrize("status", Farmer.Status.values)
    @pytest.mark.parametrize("language", [EN, ZH])
    def test_every_status_has_its_page(self, client, person, status, language):
        make_farmer(user=person, status=status, status_reason="because")
        client.force_login(person)

        response = client.get(STATUS, headers=language)

        assert response.status_code == 200
        assert (reverse("accounts:farmer_apply") + '"' in response.content.decode().split("<footer")[0]) == (
            status in {"WAITING", "REFUSED"}
        )


class TestPapers:
    @pytest.fixture
    def farmer(self, person):
        return make_farmer(user=person, status=Farmer.Status.WAITING)

    def add(self, client, *files, headers=EN):
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
    def test_photos_and_pdfs_are_kept_in_private_under_a_random_name(self, client, farmer, file, media_type):
        client.force_login(farmer.user)
        stem = file.name.rsplit(".", 1)[0]
        file.seek(0)

        assert self.add(client, file).url == STATUS

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
    def test_what_is_no_photo_or_pdf_is_refused_beside_the_field(self, client, farmer, file, words, chinese):
        client.force_login(farmer.user)
        for language, expected in ((EN, words), (ZH, chinese)):
            file.seek(0)
            response = self.add(client, file, headers=language)

            assert response.status_code == 422
            assert expected in response.context["form"]["papers"].errors[0]
        assert not FarmerDocument.objects.exists()

    def test_a_truncated_photo_is_refused(self, client, farmer):
        client.force_login(farmer.user)
        whole = picture(size=(800, 800)).read()

        response = self.add(client, SimpleUploadedFile("a.jpg", whole[: len(whole) // 2]))

        assert response.status_code == 422
        assert not FarmerDocument.objects.exists()

    def test_a_photo_with_too_many_pixels_is_refused_unread(self, client, farmer, settings):
        settings.PHOTO_MAX_PIXELS = 1000
        client.force_login(farmer.user)

        response = self.add(client, picture(size=(40, 40)))

        assert "too many pixels" in response.context["form"]["papers"].errors[0]

    def test_one_bad_paper_keeps_the_good_one_out_too(self, client, farmer):
        client.force_login(farmer.user)

        assert self.add(client, picture(), SimpleUploadedFile("b.jpg", b"no")).status_code == 422
        assert not FarmerDocument.objects.exists()

    def test_four_papers_are_enough(self, client, farmer):
        client.force_login(farmer.user)
        self.add(client, picture(), picture(), picture())

        refused = self.add(client, picture(), picture())
        self.add(client, picture())
        page = client.get(STATUS, headers=EN)

        assert "At most 4 papers" in refused.context["form"]["papers"].errors[0]
        assert FarmerDocument.objects.count() == 4
        assert page.context["form"] is None

    def test_a_name_that_means_harm_is_made_harmless(self, client, farmer):
        client.force_login(farmer.user)

        self.add(client, picture(name='..\\..\\etc/pass"wd\n<b>.php'))

        document = FarmerDocument.objects.get()
        assert not set(document.original_name) & set('/\\"<>\n')
        assert document.original_name.endswith(".jpg")

    def test_taking_one_back_deletes_the_file_too(self, client, farmer, django_capture_on_commit_callbacks):
        client.force_login(farmer.user)
        self.add(client, picture())
        document = FarmerDocument.objects.get()

        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("accounts:document_remove", args=[document.pk]))

        assert not FarmerDocument.objects.exists()
        assert not storages["private"].exists(document.file.name)

    def test_if_the_rows_are_not_saved_no_file_stays(self, farmer, monkeypatch):
        from accounts.services import farmers

        before = set(storages["private"].listdir("documents")[1]) if storages["private"].exists("documents") else set()
        monkeypatch.setattr(FarmerDocument, "save", lambda self: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            farmers.add_documents(user_id=farmer.user_id, files=[picture()], now=NOON)

        assert set(storages["private"].listdir("documents")[1]) == before

    def test_it_comes_as_a_download_that_no_browser_runs(self, client, farmer):
        client.force_login(farmer.user)
        self.add(client, picture(name="合同.jpg"))

        response = client.get(reverse("accounts:farmer_document", args=[FarmerDocument.objects.get().pk]))

        assert response.status_code == 200
        assert response["Content-Type"] == "image/jpeg"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-store"
        assert b"".join(response.streaming_content)[:2] == b"\xff\xd8"

    def test_who_may_read_it(self, client, farmer):
        client.force_login(farmer.user)
        self.add(client, picture())
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

    def test_a_stranger_can_neither_add_to_nor_remove_from_it(self, client, farmer):
        client.force_login(farmer.user)
        self.add(client, picture())
        document = FarmerDocument.objects.get()
        client.force_login(make_user())

        assert client.post(reverse("accounts:document_remove", args=[document.pk])).status_code == 404
        assert self.add(client, picture()).status_code == 404
        assert list(FarmerDocument.objects.all()) == [document]
