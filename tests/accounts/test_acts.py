"""What staff do through pages, the administration and commands is on record, and the record tells from where."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Farmer, StaffAct, Tie, User
from accounts.queries import is_close_to
from accounts.recording import Recorded
from accounts.services import acts, verification
from accounts.services.acts import record_act
from common.errors import NotAllowed
from marketplace.errors import OwnListing
from marketplace.models import ModerationDecision
from tests.make import NOON, make_farmer, make_moderator, make_user
from tests.marketplace.selling import decide, submit

pytestmark = pytest.mark.django_db


def _admin(client) -> User:
    user = make_user("Admin", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_a_decision_on_a_page_is_on_record_with_the_address_it_came_from(client):
    moderator, farmer = make_moderator(), make_farmer(status=Farmer.Status.WAITING)
    client.force_login(moderator)

    client.post(
        reverse("accounts:verification_decide", args=[farmer.pk]),
        {"verdict": "VERIFY", "reason": "去家里看过。", "seen": farmer.applied_at.isoformat()},
        REMOTE_ADDR="192.0.2.7",
    )

    act = StaffAct.objects.get()
    assert (act.actor, act.kind, act.about) == (moderator, "farmer_verify", f"farmer:{farmer.pk}")
    assert (act.old, act.new) == ({"status": "WAITING"}, {"status": "VERIFIED"})
    assert (act.way, act.ip, act.reason) == ("PAGE", "192.0.2.7", "去家里看过。")


def test_what_a_command_does_has_no_address():
    verification.verify_farmer(
        farmer_id=make_farmer(status=Farmer.Status.WAITING).pk, decided_by=make_moderator(), reason="看过", now=NOON
    )

    act = StaffAct.objects.get()
    assert (act.way, act.ip) == ("SERVER", None)


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_nothing_is_recorded():
    with pytest.raises(RuntimeError, match="is a step"):
        record_act(actor=make_user(), kind="x", about="y:1", now=NOON)


def test_a_change_in_the_administration_is_on_record_field_by_field(client):
    boss, someone = _admin(client), make_user("Wang")
    where = reverse("admin:accounts_user_change", args=[someone.pk])

    client.post(where, {"name": "Wang", "language": "zh-hans", "is_active": "on", "is_moderator": "on"})

    act = StaffAct.objects.get()
    assert (act.actor, act.kind, act.about, act.way) == (boss, "user_change", f"user:{someone.pk}", "ADMIN")
    assert (act.old, act.new) == ({"is_moderator": False}, {"is_moderator": True})


def test_adding_and_deleting_are_on_record_and_many_at_once_cannot_be_deleted(client):
    _admin(client)
    farmer, specialist = make_farmer(), make_user("Specialist")
    add = reverse("admin:accounts_posting_add")

    client.post(add, {"specialist": specialist.pk, "county": farmer.county_id, "starts_on": "2026-11-01"})
    posting = specialist.postings.get()
    changelist = reverse("admin:accounts_posting_changelist")
    client.post(changelist, {"action": "delete_selected", "_selected_action": [posting.pk], "post": "yes"})
    assert specialist.postings.exists()
    client.post(reverse("admin:accounts_posting_delete", args=[posting.pk]), {"post": "yes"})

    assert not specialist.postings.exists()
    assert list(StaffAct.objects.order_by("pk").values_list("kind", flat=True)) == ["posting_add", "posting_delete"]
    assert StaffAct.objects.get(kind="posting_delete").old["specialist_id"] == specialist.pk


def test_every_form_of_the_administration_that_may_change_something_records_it(rf):
    request = rf.get("/admin/")
    request.user = make_user("Admin", is_staff=True, is_superuser=True)
    ours = {config.label for config in apps.get_app_configs() if "site-packages" not in config.path}
    forgetful = [
        model._meta.label
        for model, form in admin.site._registry.items()
        if model._meta.app_label in ours
        and (form.has_add_permission(request) or form.has_change_permission(request))
        and not isinstance(form, Recorded)
    ]

    assert forgetful == []


def test_administrators_read_it_and_narrow_it_down(client):
    _admin(client)
    for reason in ("去过田里。", "没有地。"):
        verification.verify_farmer(
            farmer_id=make_farmer(status=Farmer.Status.WAITING).pk, decided_by=make_moderator(), reason=reason, now=NOON
        )
    first = StaffAct.objects.last()
    assert first is not None

    everything = client.get(reverse("accounts:act_list")).content.decode()
    one = client.get(reverse("accounts:act_list"), {"about": first.about}).content.decode()

    assert "去过田里。" in everything
    assert "没有地。" in everything
    assert first.reason in one
    assert ("去过田里。" in one) + ("没有地。" in one) == 1
    for nonsense in ({"actor": "²"}, {"after": "x~y"}, {"actor": "9" * 40}):
        assert client.get(reverse("accounts:act_list"), nonsense).status_code == 200


def test_the_page_asks_the_same_few_questions_however_much_was_done(client, django_assert_max_num_queries):
    _admin(client)
    for _ in range(60):
        StaffAct.objects.create(actor=make_user(), at=NOON, kind="x", about="y:1", way="PAGE")

    with django_assert_max_num_queries(5):
        page = client.get(reverse("accounts:act_list"))

    following = client.get(reverse("accounts:act_list") + page.context["next_page"])
    assert len(page.context["acts"]) == 50
    assert len(following.context["acts"]) == 10


# --- Nobody decides about their own people ---------------------------------------------------------------------------


def _declared(moderator: User, farmer: Farmer) -> None:
    acts.declare_tie(user=moderator, farmer_id=farmer.pk, note="表哥家", now=NOON)


def _same_payee(moderator: User, farmer: Farmer) -> None:
    make_farmer("Wife's stall", user=moderator)  # tests.make gives every farmer one bank card


@pytest.mark.parametrize("tie", [_declared, _same_payee])
def test_a_household_is_decided_about_by_others(tie):
    moderator, farmer = make_moderator(), make_farmer()
    revision = submit(farmer)
    tie(moderator, farmer)

    assert is_close_to(moderator, farmer)
    assert not Farmer.objects.decidable_by(moderator, NOON.date()).filter(pk=farmer.pk).exists()
    with pytest.raises(OwnListing):
        decide(revision, moderator)
    with pytest.raises(NotAllowed):
        verification.suspend_farmer(farmer_id=farmer.pk, decided_by=moderator, reason="x", now=NOON)
    assert decide(revision, make_moderator()).pk


@pytest.mark.parametrize("tie", [_declared, _same_payee])
def test_the_database_refuses_it_too(tie):
    moderator, farmer = make_moderator(), make_farmer()
    listing = submit(farmer).listing
    tie(moderator, farmer)

    with pytest.raises(IntegrityError, match="their own"), transaction.atomic():
        ModerationDecision.objects.create(
            listing=listing, verdict="TAKE_DOWN", reason="x", decided_by=moderator, decided_at=NOON
        )
    with pytest.raises(IntegrityError, match="their own"), transaction.atomic():
        farmer.decisions.create(decided_by=moderator, verdict="SUSPEND", reason="x", decided_at=NOON)
    assert not ModerationDecision.objects.exists()


def test_the_control_a_stranger_is_not_refused_by_the_database():
    listing = submit(make_farmer()).listing

    assert ModerationDecision.objects.create(
        listing=listing, verdict="TAKE_DOWN", reason="x", decided_by=make_moderator(), decided_at=NOON
    ).pk


def test_saying_that_a_farmer_is_kin_twice_is_one_tie_and_one_record(client):
    moderator, farmer = make_moderator(), make_farmer()
    client.force_login(moderator)

    for _ in range(2):
        client.post(reverse("accounts:tie_declare", args=[farmer.pk]))

    assert Tie.objects.get().farmer == farmer
    assert StaffAct.objects.get().kind == "tie_declare"
