"""Deciding about farmers: who may, once, with a reason on record that the farmer reads."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer, VerificationDecision
from accounts.services import verification
from common.errors import InvalidInput, NotAllowed, WrongState
from notifications.models import Notification
from tests.accounts.signing_in import EN, ZH
from tests.make import NOON, make_county, make_farmer, make_moderator, make_user

pytestmark = pytest.mark.django_db

QUEUE = reverse("accounts:verification_queue")
TODAY = timezone.localdate(NOON)
Status = Farmer.Status


@pytest.fixture
def farmer():
    return make_farmer(status=Status.WAITING)


@pytest.fixture
def moderator():
    return make_moderator()


def make_specialist(county=None, starts_on=TODAY, ends_on=None):
    specialist = make_user("Specialist")
    specialist.postings.create(county=county or make_county(), starts_on=starts_on, ends_on=ends_on)
    return specialist


def decide(verdict, farmer, by, reason="Called; knows the village head.", **more):
    decision = {
        "VERIFY": verification.verify_farmer,
        "REFUSE": verification.refuse_farmer,
        "SUSPEND": verification.suspend_farmer,
    }[verdict]
    return decision(farmer_id=farmer.pk, decided_by=by, reason=reason, now=NOON, **more)


def record(farmer):
    return reverse("accounts:verification_decide", args=[farmer.pk])


@pytest.mark.parametrize(
    ("before", "verdict", "after", "told"),
    [
        (Status.WAITING, "VERIFY", Status.VERIFIED, "farmer_verified"),
        (Status.WAITING, "REFUSE", Status.REFUSED, "farmer_refused"),
        (Status.VERIFIED, "SUSPEND", Status.SUSPENDED, "farmer_suspended"),
        (Status.SUSPENDED, "VERIFY", Status.VERIFIED, "farmer_verified"),
    ],
)
def test_a_decision_moves_the_farmer_stays_on_record_and_is_told(moderator, before, verdict, after, told):
    farmer = make_farmer(status=before)

    decide(verdict, farmer, moderator, "Because of this.")

    farmer.refresh_from_db()
    assert farmer.status == after
    decision = VerificationDecision.objects.get()
    assert (decision.decided_by, decision.verdict, decision.reason) == (moderator, verdict, "Because of this.")
    message = Notification.objects.get(recipient=farmer.user)
    assert (message.kind, message.link) == (told, reverse("accounts:farmer_status"))
    assert farmer.status_reason == ("" if verdict == "VERIFY" else "Because of this.")


def test_only_those_four_moves_exist(moderator):
    allowed = {("WAITING", "VERIFY"), ("WAITING", "REFUSE"), ("VERIFIED", "SUSPEND"), ("SUSPENDED", "VERIFY")}
    for before in Status.values:
        for verdict in VerificationDecision.Verdict.values:
            if (before, verdict) in allowed:
                continue
            farmer = make_farmer(status=before)
            with pytest.raises(WrongState):
                decide(verdict, farmer, moderator)
            farmer.refresh_from_db()
            assert farmer.status == before
    assert not VerificationDecision.objects.exists()
    assert not Notification.objects.exists()


def test_since_when_somebody_sells_survives_a_suspension(moderator):
    farmer = make_farmer()
    first = farmer.verified_at

    decide("SUSPEND", farmer, moderator)
    decide("VERIFY", farmer, moderator)

    farmer.refresh_from_db()
    assert farmer.verified_at == first


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501])
def test_there_is_no_decision_without_a_reason(farmer, moderator, reason):
    with pytest.raises(InvalidInput) as refusal:
        decide("VERIFY", farmer, moderator, reason)

    assert refusal.value.field == "reason"
    farmer.refresh_from_db()
    assert farmer.status == Status.WAITING


def test_a_decision_is_never_changed_or_deleted(farmer, moderator):
    decision = decide("VERIFY", farmer, moderator)

    for change in (
        lambda: VerificationDecision.objects.update(reason="Another."),
        lambda: VerificationDecision.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    decision.refresh_from_db()
    assert decision.reason == "Called; knows the village head."


class TestWhoMayDecide:
    def people(self, farmer):
        other_county = make_county("gansu-dongxiang", code="622926")
        own = make_moderator()
        return {
            "moderator": (make_moderator(), True),
            "specialist of the county": (make_specialist(), True),
            "specialist on the last day": (make_specialist(ends_on=TODAY), True),
            "specialist of another county": (make_specialist(other_county), False),
            "specialist whose posting is over": (
                make_specialist(starts_on=TODAY - timedelta(9), ends_on=TODAY - timedelta(1)),
                False,
            ),
            "specialist whose posting is to come": (make_specialist(starts_on=TODAY + timedelta(1)), False),
            "the farmer": (farmer.user, False),
            "another farmer": (make_farmer().user, False),
            "a buyer": (make_user(), False),
            "staff without the role": (make_user(is_staff=True, is_superuser=True), False),
            "a blocked moderator": (make_moderator(is_active=False), False),
            "a moderator about another": (own, True),
        }

    def test_each_person(self, farmer):
        for who, (person, may) in self.people(farmer).items():
            assert (farmer in Farmer.objects.decidable_by(person, TODAY)) is may, who
            if not may:
                with pytest.raises(NotAllowed):
                    decide("VERIFY", farmer, person)
        assert not VerificationDecision.objects.exists()

    @pytest.mark.parametrize("is_moderator", [True, False])
    def test_nobody_decides_about_themself(self, is_moderator, client):
        person = make_specialist()
        person.is_moderator = is_moderator
        person.save()
        own = make_farmer(user=person, status=Status.WAITING)
        client.force_login(person)

        with pytest.raises(NotAllowed):
            decide("VERIFY", own, person)
        assert client.get(record(own)).status_code == 404
        assert own.name not in client.get(QUEUE).content.decode()

    def test_strangers_get_404_and_change_nothing(self, farmer, client):
        for person in (make_user(), make_farmer().user, make_specialist(make_county("gansu-dongxiang", code="622926"))):
            client.force_login(person)
            answer = client.post(record(farmer), {"verdict": "VERIFY", "reason": "Let me in", "seen": "now"})
            assert client.get(record(farmer)).status_code == 404
            assert answer.status_code == 404
        farmer.refresh_from_db()
        assert farmer.status == Status.WAITING

    def test_the_queue_is_there_only_for_those_who_decide(self, client):
        answers = {}
        for who, person in {
            "buyer": make_user(),
            "farmer": make_farmer().user,
            "former": make_specialist(starts_on="2025-01-01", ends_on="2025-02-01"),
            "specialist": make_specialist(starts_on="2025-01-01"),
            "moderator": make_moderator(),
        }.items():
            client.force_login(person)
            answers[who] = client.get(QUEUE).status_code
        client.logout()

        assert answers == {"buyer": 404, "farmer": 404, "former": 404, "specialist": 200, "moderator": 200}
        assert client.get(QUEUE).status_code == 302


class TestQueue:
    def test_oldest_first_and_only_what_one_decides_about(self, client):
        elsewhere = make_county("gansu-dongxiang", code="622926")
        for name, county, hours in (("Second", None, 2), ("First", None, 3), ("Elsewhere", elsewhere, 4)):
            farmer = make_farmer(name, status=Status.WAITING, county=county)
            Farmer.objects.filter(pk=farmer.pk).update(applied_at=NOON - timedelta(hours=hours))
        make_farmer("Decided")

        client.force_login(make_moderator())
        assert [farmer.name for farmer in client.get(QUEUE).context["farmers"]] == ["Elsewhere", "First", "Second"]
        client.force_login(make_specialist(starts_on="2025-01-01"))
        assert [farmer.name for farmer in client.get(QUEUE).context["farmers"]] == ["First", "Second"]
        assert [farmer.name for farmer in client.get(QUEUE, {"status": "VERIFIED"}).context["farmers"]] == ["Decided"]

    def test_more_pages_follow_without_gap_or_repetition(self, client, moderator, monkeypatch):
        monkeypatch.setattr("accounts.views.verification.PAGE", 2)
        made = [make_farmer(f"Farmer {number}", status=Status.WAITING) for number in range(5)]  # all applied at once
        client.force_login(moderator)

        seen, url = [], QUEUE
        while url:
            context = client.get(url).context
            seen += list(context["farmers"])
            url = context["next_page"] and QUEUE + context["next_page"]

        assert seen == made

    @pytest.mark.parametrize(
        "query", ["after=x", "after=2026-01-01~1", "after=~", "after=2026-01-01T00:00:00%2B00:00~" + "9" * 40]
    )
    def test_a_broken_link_starts_from_the_front(self, client, moderator, query):
        client.force_login(moderator)

        assert client.get(f"{QUEUE}?{query}").status_code == 200

    def test_no_such_status(self, client, moderator):
        client.force_login(moderator)

        assert client.get(QUEUE, {"status": "RICH"}).status_code == 404

    def test_the_number_of_queries_does_not_grow(self, client, moderator, django_assert_num_queries):
        client.force_login(moderator)
        make_farmer(status=Status.WAITING)
        with django_assert_num_queries(5):  # session, user, farmers, cart, unread
            client.get(QUEUE)
        for _ in range(10):
            make_farmer(status=Status.WAITING)
        with django_assert_num_queries(5):
            client.get(QUEUE)


class TestRecord:
    def test_it_shows_what_is_needed_to_decide_and_hides_the_card(self, client, farmer, moderator):
        decide("REFUSE", farmer, moderator, "Village name is missing.")
        client.force_login(moderator)

        page = client.get(record(farmer), headers=EN).content.decode()

        assert "Village name is missing." in page
        assert "Xunwu County" in page
        assert "新村" in page
        assert farmer.user.phone in page
        assert "****4567" in page
        assert farmer.payee_account not in page

    @pytest.mark.parametrize(
        ("status", "buttons"),
        [("WAITING", ["VERIFY", "REFUSE"]), ("VERIFIED", ["SUSPEND"]), ("SUSPENDED", ["VERIFY"]), ("REFUSED", [])],
    )
    def test_a_button_only_where_the_move_exists(self, client, moderator, status, buttons):
        farmer = make_farmer(status=status)
        client.force_login(moderator)

        page = client.get(record(farmer)).content.decode()

        assert [verdict for verdict in ("VERIFY", "REFUSE", "SUSPEND") if f'value="{verdict}"' in page] == buttons

    def test_deciding_on_the_page(self, client, farmer, moderator):
        client.force_login(moderator)
        seen = client.get(record(farmer)).context["seen"]

        response = client.post(record(farmer), {"verdict": "VERIFY", "reason": "Called.", "seen": seen})

        assert response.url == QUEUE
        farmer.refresh_from_db()
        assert farmer.status == Status.VERIFIED

    @pytest.mark.parametrize(("language", "words"), [(EN, "Please give a reason"), (ZH, "请写明理由")])
    def test_a_missing_reason_is_said_beside_its_field(self, client, farmer, moderator, language, words):
        client.force_login(moderator)
        seen = client.get(record(farmer)).context["seen"]

        response = client.post(record(farmer), {"verdict": "VERIFY", "reason": " ", "seen": seen}, headers=language)

        assert response.status_code == 422
        assert words in response.context["form"]["reason"].errors[0]

    def test_what_was_changed_since_one_looked_is_not_decided_unseen(self, client, farmer, moderator):
        client.force_login(moderator)
        seen = client.get(record(farmer)).context["seen"]
        Farmer.objects.update(village="别的村", applied_at=NOON)

        response = client.post(record(farmer), {"verdict": "VERIFY", "reason": "Called.", "seen": seen}, headers=EN)

        assert response.status_code == 422
        assert "Please look again" in response.context["form"].non_field_errors()[0]
        assert "Called." in response.content.decode(), "the reason is kept"
        assert response.context["seen"] == NOON.isoformat(), "and the next try is about what is shown now"
        farmer.refresh_from_db()
        assert farmer.status == Status.WAITING

    @pytest.mark.parametrize("fields", [{"verdict": "PROMOTE"}, {"verdict": ""}, {"seen": "yesterday"}, {"seen": ""}])
    def test_nonsense_decides_nothing(self, client, farmer, moderator, fields):
        client.force_login(moderator)
        form = {"verdict": "VERIFY", "reason": "Called.", "seen": farmer.applied_at.isoformat()}

        assert client.post(record(farmer), form | fields).status_code == 422
        farmer.refresh_from_db()
        assert farmer.status == Status.WAITING

    def test_the_second_moderator_is_told_that_it_was_decided(self, client, farmer, moderator):
        seen = farmer.applied_at.isoformat()
        decide("REFUSE", farmer, make_moderator())
        client.force_login(moderator)

        response = client.post(record(farmer), {"verdict": "VERIFY", "reason": "Called.", "seen": seen}, headers=EN)

        assert response.status_code == 422
        assert "Somebody decided this meanwhile" in response.content.decode()
        farmer.refresh_from_db()
        assert farmer.status == Status.REFUSED

    def test_the_number_of_queries(self, client, farmer, moderator, django_assert_num_queries):
        decide("REFUSE", farmer, moderator)
        client.force_login(moderator)

        with django_assert_num_queries(8):  # session, user, farmer, papers, decisions, change of account, cart, unread
            client.get(record(farmer))
