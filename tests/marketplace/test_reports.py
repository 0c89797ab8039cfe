"""Reports from the public: who may, how often, what follows, and who learns of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Farmer, StaffAct, User
from common.errors import InvalidInput, NotAllowed
from marketplace.errors import AlreadyDecided, OwnListing, ReasonMissing, ReportsRefused, TooManyReports
from marketplace.models import Listing, ModerationDecision, Report, Storefront
from marketplace.queries.reports import waiting_reports
from marketplace.services import reports
from notifications.models import Notification
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_user

pytestmark = pytest.mark.django_db
Status = Report.Status
GUEST = "a" * 64


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


@pytest.fixture
def listing(farmer: Farmer) -> Listing:
    return make_listing(farmer)


def say(listing: Listing, who: User | None = None, **changes: Any) -> Report:
    sent = {"reason": "FALSE", "words": "不是脐橙。", "guest": "" if who else GUEST, "now": NOON} | changes
    return reports.report_listing(listing_id=listing.pk, reporter=who, **sent)


def judge(report: Report, status: Status = Status.VALID, **changes: Any) -> Report:
    sent = {"moderator": None, "take_down": False, "reason": "看过了。", "now": NOON} | changes
    sent["moderator"] = sent["moderator"] or make_moderator()
    return reports.decide_report(report_id=report.pk, status=status, **sent)


def kinds_told(user: User) -> list[str]:
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))


def test_what_it_said_is_kept_as_it_was_then(listing):
    report = say(listing, make_user())
    Listing.objects.update(words="改过的话。")

    assert "皮薄汁多" in Report.objects.get(pk=report.pk).shown
    assert (report.link, report.status) == (f"/listings/{listing.pk}/", Status.WAITING)


def test_one_report_a_person_and_thing_and_the_database_holds_it(listing):
    user = make_user()
    assert say(listing, user) == say(listing, user, reason="RUDE")
    assert say(listing) == say(listing, words="又来一次")
    assert say(listing, guest="b" * 64) != say(listing)
    assert Report.objects.count() == 3

    for twin in Report.objects.all():
        twin.pk = None
        with pytest.raises(Error, match="report_once_a"), transaction.atomic():
            twin.save(force_insert=True)


def test_nonsense_and_ones_own_page_are_refused(listing, farmer):
    for wrong in ({"reason": "NONE"}, {"reason": "OTHER", "words": ""}):
        with pytest.raises(InvalidInput):
            say(listing, make_user(), **wrong)
    with pytest.raises(NotAllowed):
        say(listing, farmer.user)
    Listing.objects.update(status=Listing.Status.TAKEN_DOWN)
    with pytest.raises(NotAllowed):
        say(listing, make_user())
    assert not Report.objects.exists()


@pytest.mark.parametrize(("is_guest", "most"), [(True, reports.A_GUESTS_DAY), (False, reports.A_DAY)])
def test_there_is_a_limit_a_day(farmer, is_guest, most):
    who = None if is_guest else make_user()
    listings = [make_listing(farmer) for _ in range(most + 1)]
    for listing in listings[:-1]:
        say(listing, who)

    with pytest.raises(TooManyReports):
        say(listings[-1], who)
    say(listings[-1], who, now=NOON + timedelta(days=1, seconds=1))


def test_a_valid_report_takes_down_and_tells_both_but_not_who_reported(listing, farmer):
    user = make_user("Wang Reporter")
    judge(say(listing, user), take_down=True, reason="照片是别人的。")

    listing.refresh_from_db()
    decision = ModerationDecision.objects.get()
    assert (listing.status, decision.verdict, decision.reason) == ("TAKEN_DOWN", "TAKE_DOWN", "照片是别人的。")
    assert kinds_told(user) == ["report_valid"]
    assert kinds_told(farmer.user) == ["listing_taken_down"]
    told = Notification.objects.get(recipient=farmer.user)
    assert "Wang" not in str(told.context)
    assert str(user.pk) not in told.context.values()
    assert list(StaffAct.objects.order_by("pk").values_list("kind", flat=True)) == [
        "listing_take_down",
        "report_valid",
    ]


@pytest.mark.parametrize(
    ("status", "reporter", "grower"),
    [
        (Status.VALID, ["report_valid"], ["reported"]),
        (Status.INVALID, ["report_invalid"], []),
        (Status.MALICIOUS, ["report_malicious"], []),
    ],
)
def test_otherwise_it_stays_and_everybody_learns_what_concerns_them(listing, farmer, status, reporter, grower):
    user = make_user()
    judge(say(listing, user), status)

    listing.refresh_from_db()
    assert listing.status == Listing.Status.LIVE
    assert (kinds_told(user), kinds_told(farmer.user)) == (reporter, grower)


def test_a_second_valid_report_of_what_is_gone_already_is_no_error(listing):
    first, second = say(listing), say(listing, make_user())

    judge(first, take_down=True)
    judge(second, take_down=True)

    assert ModerationDecision.objects.count() == 1


def test_a_story_that_was_reported_goes_off_the_page_and_stays_with_the_farmer(farmer):
    Storefront.objects.update(story="加我微信。")
    report = reports.report_storefront(
        storefront_id=farmer.storefront.pk, reporter=None, guest=GUEST, reason="CONTACT", words="", now=NOON
    )

    judge(report, take_down=True)

    shop = Storefront.objects.get()
    assert (shop.story, shop.proposed_story, shop.proposed_at) == ("", "加我微信。", None)
    assert kinds_told(farmer.user) == ["storefront_taken_down"]


def test_it_is_decided_once_by_a_moderator_who_has_nothing_to_do_with_it(listing, farmer):
    moderator = make_moderator()
    own = make_farmer("Own", user=moderator, payee_account="6222020000007654321")
    report = say(listing, make_user())

    for who in (make_user(), make_moderator(is_active=False), make_user(is_staff=True), farmer.user):
        with pytest.raises(NotAllowed):
            judge(report, moderator=who)
    with pytest.raises(OwnListing):
        judge(say(make_listing(own), make_user()), moderator=moderator)
    with pytest.raises(NotAllowed):
        judge(say(make_listing(farmer), moderator), moderator=moderator)
    with pytest.raises(ReasonMissing):
        judge(report, reason="")
    with pytest.raises(InvalidInput):
        judge(report, Status.INVALID, take_down=True)
    with pytest.raises(InvalidInput):
        judge(report, Status.WAITING)
    judge(report)
    with pytest.raises(AlreadyDecided):
        judge(report, Status.MALICIOUS)


def test_the_database_keeps_what_was_decided_and_by_whom(listing, farmer):
    own = {"status": "VALID", "decided_by": farmer.user, "decided_at": NOON, "decision_reason": "x"}
    report = say(listing, make_user())
    for wish, name in (
        (own, "their own"),
        (own | {"decided_by": report.reporter}, "report_decided_by_another"),
        (own | {"decided_by": make_moderator(), "decision_reason": ""}, "report_decided_has_reason"),
    ):
        with pytest.raises(Error, match=name), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**wish)
    judge(report)
    for change in (lambda: Report.objects.update(status="MALICIOUS"), lambda: Report.objects.all().delete()):
        with pytest.raises(Error, match="decided once"), transaction.atomic():
            change()


def test_who_cries_wolf_weighs_less_and_who_means_harm_is_heard_no_more(farmer):
    good, wrong, bad = make_user("Good"), make_user("Wrong"), make_user("Bad")
    for user, status in ((good, Status.VALID), (wrong, Status.INVALID), (bad, Status.MALICIOUS)):
        judge(say(make_listing(farmer), user), status)
    for user in (bad, wrong, good):
        say(make_listing(farmer), user)
    say(make_listing(farmer))

    weights = [(each.report.reporter, round(each.weight, 2)) for each in waiting_reports()]
    assert weights == [(good, 1.0), (wrong, 0.5), (None, 0.5), (bad, 0.2)]
    for _ in range(2):
        judge(say(make_listing(farmer), bad), Status.MALICIOUS)
    with pytest.raises(ReportsRefused):
        say(make_listing(farmer), bad)


def test_many_voices_about_one_thing_come_before_one(farmer):
    alone, popular = make_listing(farmer), make_listing(farmer)
    say(alone, make_user(), now=NOON - timedelta(days=1))
    for _ in range(3):
        say(popular, make_user())

    first, *_rest, last = waiting_reports()

    assert (first.report.listing, first.others, last.report.listing) == (popular, 2, alone)


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_a_guest_finds_the_link_reports_and_reads_thanks(listing):
    client = Client(headers={"accept-language": "en"})
    where = reverse("marketplace:report_listing", args=[listing.pk])
    assert where in client.get(f"/listings/{listing.pk}/").content.decode()

    nothing = client.post(where, {"words": "Not <oranges>"})
    assert nothing.status_code == 422
    assert "Not &lt;oranges&gt;" in nothing.content.decode()
    done = client.post(where, {"reason": "FALSE", "words": "Not oranges"}, follow=True)

    assert "A moderator will look at it" in done.content.decode()
    report = Report.objects.get()
    assert (report.reporter, len(report.guest)) == (None, 64)
    assert "127.0.0.1" not in str(vars(report))
    assert client.post(where, {"reason": "RUDE"}).status_code == 302
    assert Report.objects.count() == 1


def test_one_guest_behind_another_address_is_another(listing):
    where = reverse("marketplace:report_listing", args=[listing.pk])
    for address in ("127.0.0.1", "10.9.8.7"):
        Client(REMOTE_ADDR=address).post(where, {"reason": "FALSE"})

    assert Report.objects.values("guest").distinct().count() == 2


def test_a_moderator_judges_at_the_desk_and_what_was_typed_stays(listing):
    report = say(listing, make_user("Wang Reporter"), words="<b>假</b>")
    desk = Client(headers={"accept-language": "en"})
    desk.force_login(make_moderator())
    where = reverse("marketplace:report_decide", args=[report.pk])

    text = desk.get(reverse("marketplace:report_queue")).content.decode()
    assert "&lt;b&gt;假" in text
    assert "Wang" not in text, "a fair judge need not know who"
    assert desk.post(where, {"verdict": "VALID_DOWN", "reason": " "}).status_code == 422
    kept = desk.post(where, {"verdict": "nonsense", "reason": "Their photos"})
    assert (kept.status_code, "Their photos" in kept.content.decode()) == (422, True)
    assert desk.post(where, {"verdict": "VALID_DOWN", "reason": "Their photos"}).status_code == 302
    assert desk.post(where, {"verdict": "INVALID", "reason": "No"}).status_code == 409
    assert Report.objects.get().status == Status.VALID
    assert Client().get(f"/listings/{listing.pk}/").status_code == 404


def test_a_longer_queue_costs_no_more_queries(farmer, django_assert_num_queries):
    desk = Client()
    desk.force_login(make_moderator())

    def cost() -> int:
        with django_assert_num_queries(8, exact=False) as counted:
            assert desk.get(reverse("marketplace:report_queue")).status_code == 200
        return len(counted)

    say(make_listing(farmer), make_user())
    before = cost()
    for _ in range(4):
        say(make_listing(farmer), make_user())
        say(make_listing(farmer))
    assert cost() == before
