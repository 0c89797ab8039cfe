"""A donor's yuan on its way to a grant: two people, evidence, first in first out; and what the database refuses."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed, WrongState
from fund import queries
from fund.errors import EvidenceNeeded, NotEnoughThere, NotWomenLed, OwnPeople, SecondPersonNeeded
from fund.models import Grant, Trace
from fund.services import giving, grants, programmes
from notifications.models import Notification
from payments.models import Entry, Leg, Refund
from payments.services import refunding
from tests.fund import scene
from tests.make import make_farmer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def one():
    return scene.make_steward("One")


@pytest.fixture
def two():
    return scene.make_steward("Two")


@pytest.fixture
def meals(one):
    return scene.make_programme(one)


def at_commit() -> None:
    """Try what is tried at COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def there(purpose: str) -> int:
    account = queries.account_of(purpose)
    return sum(-leg.fen for leg in Leg.objects.filter(account=account)) if account else 0


def test_a_donor_finds_the_yuan_in_a_grant(one, two, meals):
    donor, other = make_user("Donor"), make_user("Other")
    scene.arrived(1000, giver=donor)
    scene.arrived(5000, giver=other)

    grant = scene.paid_grant(meals, 3000, one, two)

    at_commit()
    [mine] = queries.giving_of(donor)
    [theirs] = queries.giving_of(other)
    assert (mine.fen, mine.parts, mine.waiting) == (1000, [(grant, 1000)], 0)
    assert (theirs.fen, theirs.parts, theirs.waiting) == (5000, [(grant, 2000)], 3000)
    assert there("school-meals") == 3000
    told = Notification.objects.filter(kind="gift_granted").order_by("pk")
    assert [(each.recipient, each.context["amount_fen"]) for each in told] == [(donor, 1000), (other, 2000)]


def test_an_approved_grant_is_not_shown_to_donors_before_it_is_paid(one, two, meals):
    donor = make_user("Donor")
    scene.arrived(1000, giver=donor)
    grant = scene.make_grant(meals, 400, one)
    scene.approve(grant, two)

    [mine] = queries.giving_of(donor)
    assert (mine.parts, mine.waiting) == ([], 1000)
    assert queries.figures_by_account()["school-meals"].set_aside == 400


def test_who_prepared_cannot_approve(one, two, meals):
    scene.arrived(1000)
    grant = scene.make_grant(meals, 400, one)
    with pytest.raises(SecondPersonNeeded):
        scene.approve(grant, one)
    with pytest.raises(NotAllowed):
        scene.approve(grant, make_user("Stranger"))


def test_the_database_wants_two_people_even_when_the_service_forgets_it(one, meals, monkeypatch):
    """The control: the service's own look is taken away."""
    scene.arrived(1000)
    grant = scene.make_grant(meals, 400, one)
    monkeypatch.setattr(grants, "lock_to_approve", lambda model, pk, actor: model.objects.get(pk=pk))
    with pytest.raises(IntegrityError, match="grant_needs_two_people"):
        scene.approve(grant, one)


def test_nothing_is_paid_without_evidence(one, two, meals):
    scene.arrived(1000)
    grant = scene.approve(scene.make_grant(meals, 400, one), two)
    with pytest.raises(EvidenceNeeded):
        scene.pay(grant, one)
    entry = Entry.objects.get(ref=f"grant:{grant.pk}")
    with pytest.raises(DatabaseError, match=r"not paid as approved|without evidence"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(
            state="PAID", paid_by=one, paid_at=timezone.now(), paid_on=timezone.now().date(), paid_entry=entry
        )
    waiting = scene.make_grant(meals, 5, one)
    with pytest.raises(DatabaseError, match=r"transition|evidence|check"), transaction.atomic():
        Grant.objects.filter(pk=waiting.pk).update(state="PAID")


def test_the_database_wants_evidence_even_when_the_service_forgets_it(one, two, meals, monkeypatch):
    """The control: the service's own look is taken away, the database still refuses."""
    scene.arrived(1000)
    grant = scene.approve(scene.make_grant(meals, 400, one), two)
    monkeypatch.setattr(grants, "has_evidence", lambda grant: True)
    with pytest.raises(IntegrityError, match="without evidence"):
        scene.pay(grant, one)


def test_nothing_can_be_granted_that_is_not_there(one, two, meals):
    scene.arrived(1000)
    scene.make_programme(one, "clinics", area="HEALTH")
    scene.arrived(9000, "clinics")
    grant = scene.make_grant(meals, 1001, one)
    with pytest.raises(NotEnoughThere):
        scene.approve(grant, two)
    assert there("school-meals") == 1000


def test_the_books_refuse_what_would_leave_less_than_nothing(meals):
    from payments.services.booking import Kind, Move, Place, book

    scene.arrived(1000)
    moves = [Move(Place(Kind.FUND_PROGRAMME, purpose="school-meals"), 1001), Move(Place(Kind.REFUND_DUE), -1001)]
    with pytest.raises(IntegrityError, match="too little"), transaction.atomic():
        book(ref="x", kind=Entry.Kind.GIFT_BACK, moves=moves, now=timezone.now())


def test_a_grant_that_is_given_up_or_comes_back_is_its_givers_again(one, two, meals):
    donor = make_user("Donor")
    scene.arrived(1000, giver=donor)
    dropped = scene.approve(scene.make_grant(meals, 700, one), two)
    grants.drop_grant(grant_id=dropped.pk, actor=two, reason="学校自己有了", now=timezone.now())
    assert there("school-meals") == 1000

    returned = scene.paid_grant(meals, 800, one, two)
    grants.report_grant(grant_id=returned.pk, actor=one, report="吃上了", beneficiaries=30, now=timezone.now())
    grants.return_grant(grant_id=returned.pk, actor=two, reason="账号已销", now=timezone.now())
    at_commit()
    [mine] = queries.giving_of(donor)
    assert (mine.parts, mine.waiting) == ([], 1000)

    again = scene.paid_grant(meals, 1000, one, two)
    at_commit()
    [mine] = queries.giving_of(donor)
    assert mine.parts == [(again, 1000)]
    assert there("school-meals") == 0


def test_money_of_an_area_goes_to_its_own_programmes_and_keeps_its_givers(one, two, meals):
    donor = make_user("Donor")
    scene.arrived(1000, "education", donor)
    clinics = scene.make_programme(one, "clinics", area="HEALTH")
    with pytest.raises(InvalidInput):
        scene.make_allotment(one, 500, clinics, from_area=True, area="EDUCATION")
    allotment = scene.make_allotment(one, 600, meals, from_area=True)
    programmes.approve_allotment(allotment_id=allotment.pk, actor=two, now=timezone.now())
    grant = scene.paid_grant(meals, 500, one, two)
    at_commit()

    [mine] = queries.giving_of(donor)
    assert (mine.parts, mine.waiting) == ([(grant, 500)], 500)
    assert (there("education"), there("school-meals")) == (400, 100)
    education = next(each for each in queries.areas() if each.slug == "education").figures
    assert (education.given, education.granted, education.there, education.allotted) == (1000, 500, 500, 0)


def test_the_database_keeps_an_allotment_in_its_area(one, meals):
    from fund.models import Allotment

    with pytest.raises(IntegrityError, match="leaves its area"), transaction.atomic():
        Allotment.objects.create(
            area="HEALTH", to_programme=meals, amount_fen=5, reason="x", prepared_by=one, prepared_at=timezone.now()
        )


def test_a_gift_goes_back_as_far_as_it_was_not_granted(one, two, meals):
    gift = scene.arrived(1000, giver=make_user("Donor"))
    scene.paid_grant(meals, 300, one, two)
    back = giving.prepare_return(gift_id=gift.pk, actor=one, reason="给错了", now=timezone.now())
    with pytest.raises(SecondPersonNeeded):
        giving.approve_return(return_id=back.pk, actor=one, now=timezone.now())
    giving.approve_return(return_id=back.pk, actor=two, now=timezone.now())
    at_commit()

    refund = Refund.objects.get(reason="GIFT")
    assert (refund.amount_fen, refund.payment.gift, there("school-meals")) == (700, gift, 0)
    refunding.finish_refund(refund_id=refund.pk, now=timezone.now())
    assert Notification.objects.filter(kind="gift_refunded", recipient=gift.giver).count() == 1
    given = queries.given_as(gift)
    assert (given.granted, given.back, given.waiting) == (300, 700, 0)
    with pytest.raises(WrongState):
        giving.prepare_return(gift_id=gift.pk, actor=one, reason="x", now=timezone.now())


def test_a_farmers_own_people_do_not_approve_her_grant(one, two, meals):
    scene.arrived(1000)
    farmer = make_farmer(user=two)
    grant = scene.make_grant(meals, 400, one, farmer_id=farmer.pk)
    with pytest.raises(OwnPeople):
        scene.approve(grant, two)
    scene.approve(grant, scene.make_steward("Three"))
    grant.refresh_from_db()
    assert grant.account == farmer.payee_account
    assert grant.public_payee != farmer.name


def test_starter_grants_of_a_womens_programme_go_to_women_led_farms(one, two):
    women = scene.make_programme(one, "women-start", area="WOMEN", for_women_led=True)
    scene.arrived(100_00, "women-start")
    with pytest.raises(NotWomenLed):
        scene.make_grant(women, 5000, one, farmer_id=make_farmer(payee_account="1").pk, is_starter=True)
    hers = make_farmer(women_led=True)
    grant = scene.paid_grant(women, 5000, one, two, farmer_id=hers.pk, is_starter=True)
    at_commit()
    assert Notification.objects.get(kind="grant_paid").recipient == hers.user
    assert grant.state == "PAID"


def test_whose_yuan_went_where_is_whole_and_never_changed(one, two, meals):
    scene.arrived(1000)
    grant = scene.approve(scene.make_grant(meals, 400, one), two)
    step = Trace.objects.get(entry=grant.reserved_entry)
    with pytest.raises(DatabaseError), transaction.atomic():
        Trace.objects.filter(pk=step.pk).update(fen=-300)
    with pytest.raises(IntegrityError, match="add up"), transaction.atomic():
        Trace.objects.create(
            entry=grant.reserved_entry, account=meals.account, origin=Leg.objects.order_by("-pk")[0], fen=-1
        )


def test_evidence_is_dated_and_not_of_tomorrow(one, two, meals):
    scene.arrived(1000)
    grant = scene.approve(scene.make_grant(meals, 400, one), two)
    with pytest.raises(InvalidInput):
        scene.show(grant, one, dated_on=timezone.now().date() + timedelta(days=2))
