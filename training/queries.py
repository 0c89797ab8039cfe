"""Reads of training that are more than a get."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from accounts.models import County, Farmer, Posting, User
from common.templatetags.chushan import localname
from marketplace.showing import Place
from training.models import Certificate, Course, CourseOffer, Lesson, LessonDone, LessonVideo

COMPARED = timedelta(days=90)  # claims before and after a course are counted over so long
Reader = User | AnonymousUser


def film_of(lesson: Lesson) -> LessonVideo | None:
    """The newest film of a lesson that is ready to be seen."""
    return lesson.videos.filter(status=LessonVideo.Status.READY).first()


def courses_for(reader: Reader) -> QuerySet[Course]:
    """The published courses with `lesson_count`, and for `reader` `done_count`, `is_offered` and `is_finished`. One query."""
    mine = reader.pk or 0
    return (
        Course.objects.published()
        .annotate(
            lesson_count=Count("lessons", distinct=True),
            done_count=Count("lessons__done", filter=Q(lessons__done__user=mine), distinct=True),
            is_offered=Exists(CourseOffer.objects.filter(course=OuterRef("pk"), user=mine)),
            is_finished=Exists(Certificate.objects.filter(course=OuterRef("pk"), user=mine)),
        )
        .filter(lesson_count__gt=0)
    )


def done_lessons(reader: Reader, course: Course) -> set[int]:
    """The ids of the lessons of a course that `reader` has done. One query."""
    return set(LessonDone.objects.filter(user=reader.pk or 0, lesson__course=course).values_list("lesson", flat=True))


def lesson_with_questions(course: Course, position: int) -> Lesson | None:
    """One lesson with its questions and their answers. Three queries."""
    return course.lessons.filter(position=position).prefetch_related("questions__answers").first()


def may_see_figures(user: User, today: date) -> bool:
    """Trainers: specialists who are posted today, moderators and staff."""
    return user.is_moderator or user.is_staff or Posting.objects.current(today).filter(specialist=user).exists()


def trained_counties(user: User, today: date) -> QuerySet[County]:
    """The counties whose figures somebody may see: a specialist's own; all that have farmers, for moderators and staff."""
    with_farmers = County.objects.filter(Exists(Farmer.objects.verified().filter(county=OuterRef("pk"))))
    if user.is_moderator or user.is_staff:
        return with_farmers
    posted = Posting.objects.current(today).filter(specialist=user, county=OuterRef("pk"))
    return County.objects.filter(Exists(posted))


@dataclass(frozen=True)
class CountyTraining:
    """How far the verified farmers of a county are."""

    county: County
    farmers: int
    began: int
    finished: dict[int, int]  # by course id


def completion(counties: QuerySet[County], courses: list[Course]) -> list[CountyTraining]:
    """By county: verified farmers, those who have done any lesson, and who finished each course. Three queries."""
    verified = Farmer.objects.verified().filter(county__in=counties)
    began = Exists(LessonDone.objects.filter(user=OuterRef("user")))
    counted = verified.values("county").annotate(farmers=Count("pk"), began=Count("pk", filter=Q(began)))
    people = {county: (farmers, began) for county, farmers, began in counted.values_list("county", "farmers", "began")}
    finished: dict[int, dict[int, int]] = {}
    given = verified.filter(user__certificates__course__in=courses)
    for county, course, count in given.values_list("county", "user__certificates__course").annotate(n=Count("pk")):
        finished.setdefault(county, {})[course] = count
    return [
        CountyTraining(
            county,
            *people.get(county.pk, (0, 0)),
            {course.pk: finished.get(county.pk, {}).get(course.pk, 0) for course in courses},
        )
        for county in counties.select_related("province").order_by("list_no")
    ]


@dataclass(frozen=True)
class ClaimRates:
    """Parcels posted, and those of them with a claim, in the 90 days before farmers finished a course and after it."""

    course: Course
    farmers: int
    parcels_before: int
    claims_before: int
    parcels_after: int
    claims_after: int

    @property
    def percent_before(self) -> float | None:
        """Claims per hundred parcels before; None without parcels."""
        return self.claims_before * 100 / self.parcels_before if self.parcels_before else None

    @property
    def percent_after(self) -> float | None:
        """Claims per hundred parcels after; None without parcels."""
        return self.claims_after * 100 / self.parcels_after if self.parcels_after else None


# A parcel counts on the side of its day of posting; a claim that the buyer took back is none.
_RATES = """
    SELECT certificate.course_id,
           count(DISTINCT farmer.id),
           count(parcel.id) FILTER (WHERE parcel.posted_at < certificate.issued_at),
           count(parcel.id) FILTER (WHERE parcel.posted_at < certificate.issued_at AND claimed.is_so),
           count(parcel.id) FILTER (WHERE parcel.posted_at >= certificate.issued_at),
           count(parcel.id) FILTER (WHERE parcel.posted_at >= certificate.issued_at AND claimed.is_so)
    FROM training_certificate certificate
    JOIN accounts_farmer farmer ON farmer.user_id = certificate.user_id AND farmer.county_id = ANY(%(counties)s)
    LEFT JOIN orders_parcel parcel ON parcel.farmer_id = farmer.id
         AND parcel.posted_at BETWEEN certificate.issued_at - %(span)s::interval AND certificate.issued_at + %(span)s::interval
         AND parcel.posted_at <= %(now)s
    LEFT JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM payments_claim claim
         WHERE claim.parcel_id = parcel.id AND claim.state <> 'WITHDRAWN') AS is_so) claimed ON true
    GROUP BY certificate.course_id
"""


def claim_rates(counties: QuerySet[County], courses: list[Course], now: datetime) -> list[ClaimRates]:
    """For each course somebody there has finished: how often buyers complained before and after. Two queries."""
    by_pk = {course.pk: course for course in courses}
    with connection.cursor() as cursor:
        cursor.execute(
            _RATES, {"counties": list(counties.values_list("pk", flat=True)), "span": str(COMPARED), "now": now}
        )
        rows = cursor.fetchall()
    rates = [ClaimRates(by_pk[course], *counts) for course, *counts in rows if course in by_pk]
    return sorted(rates, key=lambda each: each.course.position)


def offers_to(user: User) -> QuerySet[CourseOffer]:
    """What was offered to somebody and is not finished yet, newest first."""
    finished = Certificate.objects.filter(user=user, course=OuterRef("course"))
    return (
        CourseOffer.objects.filter(user=user, course__is_published=True)
        .exclude(Exists(finished))
        .select_related("course")
        .order_by(F("offered_at").desc(), "-pk")
    )


def places(farmer: Farmer) -> Iterator[Place]:
    """The certificates on which strangers read a farmer's name (settings.SHOWING_PLACES)."""
    mine = Certificate.objects.filter(user=farmer.user_id).select_related("course", "user__farmer")
    for certificate in mine:
        if certificate.holder_is_verified:
            yield Place(
                gettext("Certificate: %(course)s") % {"course": localname(certificate.course)},
                reverse("training:certificate", args=[certificate.code]),
            )
