"""A course offered at the moment in which it helps: looked for in what has happened, so that nobody has to think of it."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse

from accounts.models import User
from common.transactions import use_case
from marketplace.models import ModerationDecision
from notifications.services import notify
from payments.models import Claim
from training.models import Certificate, Course, CourseOffer

LOOK_BACK = timedelta(days=7)  # what is older helps nobody any more; a sweep that was away makes up for a week
ON_THE_WAY = [Claim.Kind.SPOILED, Claim.Kind.CRUSHED]


def due_offers(now: datetime) -> list[tuple[int, int, CourseOffer.Reason]]:
    """Whom to offer which course and why: (user id, course id, reason), each pair once."""
    found: dict[tuple[int, int], CourseOffer.Reason] = {}
    claims = Claim.objects.filter(opened_at__gt=now - LOOK_BACK, opened_at__lte=now).exclude(
        state=Claim.State.WITHDRAWN
    )
    claimed = claims.values(person=F("parcel__farmer__user"))
    sent_back = ModerationDecision.objects.filter(
        verdict=ModerationDecision.Verdict.ASK_CHANGE,
        listing__isnull=False,
        decided_at__gt=now - LOOK_BACK,
        decided_at__lte=now,
    ).values(person=F("listing__farmer__user"))
    reason = CourseOffer.Reason
    for topic, why, people in [
        (Course.Topic.PACKING, reason.BRUISED, claimed.filter(kind__in=ON_THE_WAY)),
        (Course.Topic.CLAIMS, reason.CLAIMED, claimed.exclude(kind__in=ON_THE_WAY)),
        (Course.Topic.PHOTOS, reason.SENT_BACK, sent_back),
    ]:
        course = Course.objects.published().filter(topic=topic).first()
        if course is not None:
            found |= {(user, course.pk): why for user in _who_lack(course, people)}
    return [(user, course, why) for (user, course), why in found.items()]


def _who_lack(course: Course, people: QuerySet) -> list[int]:
    """Those of `people` who were not offered the course yet, and have not finished it."""
    return list(
        User.objects.filter(pk__in=people.values("person"), is_active=True)
        .exclude(Exists(CourseOffer.objects.filter(user=OuterRef("pk"), course=course)))
        .exclude(Exists(Certificate.objects.filter(user=OuterRef("pk"), course=course)))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


@use_case
def offer_course(*, user_id: int, course_id: int, reason: CourseOffer.Reason, now: datetime) -> bool:
    """Offer it and tell them; True if this call did. Safe twice and at once."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    course = Course.objects.get(pk=course_id)
    _offer, is_new = CourseOffer.objects.get_or_create(
        user=user, course=course, defaults={"reason": reason, "offered_at": now}
    )
    if is_new:
        notify(
            recipient=user,
            kind="course_offered",
            about=f"course:{course.pk}",
            now=now,
            link=reverse("training:course_detail", args=[course.slug]),
            course_zh=course.name_zh,
            course_en=course.name_en,
        )
    return is_new
