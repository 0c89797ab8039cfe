"""Courses in short lessons with a few questions, who has finished what, certificates, and what was offered to whom."""

import re
import uuid

import pgtrigger
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import County, Farmer
from accounts.models.places import LocalName, speaks_english
from common.models import AppendOnly

CODE_LENGTH = 10


def is_a_drawing(name: str) -> None:
    """Refuse what is no drawing that we have: a page that names one would fail."""
    if not re.fullmatch(r"[a-z0-9-]+\.svg", name) or finders.find(f"training/{name}") is None:
        raise ValidationError(_("There is no such drawing under static/training/."))


class CourseQuerySet(models.QuerySet["Course"]):
    def published(self) -> "CourseQuerySet":
        """Those that people may take, in the order in which they are shown."""
        return self.filter(is_published=True).order_by("position", "pk")


class Course(LocalName):
    """A few lessons about one thing. Written by staff; those that ship with the shop come from training/data."""

    class Topic(models.TextChoices):
        """What it helps with: by this a course is found at the moment in which it helps."""

        PHOTOS = "PHOTOS", _("photos that sell")
        PACKING = "PACKING", _("packing")
        PRICING = "PRICING", _("prices")
        BROADCASTS = "BROADCASTS", _("broadcasts")
        CLAIMS = "CLAIMS", _("claims")
        OTHER = "OTHER", _("something else")

    slug = models.SlugField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    topic = models.CharField(max_length=10, choices=Topic.choices)
    summary_zh = models.CharField(max_length=200)
    summary_en = models.CharField(max_length=300)
    is_published = models.BooleanField(default=False)
    needed_for_broadcasts = models.BooleanField(
        default=False, help_text="Who has not finished it cannot plan a first broadcast."
    )

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    @property
    def local_summary(self) -> str:
        """The summary in the reader's language."""
        return self.summary_en if speaks_english() else self.summary_zh


class Lesson(LocalName):
    """One page to read in two or three minutes, with a drawing if there is one. Blank lines part its paragraphs."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="lessons")
    position = models.PositiveSmallIntegerField()
    body_zh = models.TextField(max_length=4000)
    body_en = models.TextField(max_length=8000)
    drawing = models.CharField(
        max_length=60, blank=True, validators=[is_a_drawing], help_text="A file under static/training/."
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["course", "position"], name="lesson_place_once")]

    @property
    def local_body(self) -> str:
        """The text in the reader's language."""
        return self.body_en if speaks_english() else self.body_zh


class LessonVideo(models.Model):
    """A film of a lesson, sent by staff: WAITING until what came in was made into one that every phone plays, or refused.

    Both copies lie in private storage under its key: the lesson's page alone leads to them. The newest READY one is shown.
    """

    class Status(models.TextChoices):
        WAITING = "WAITING", _("being prepared")
        READY = "READY", _("shown")
        REFUSED = "REFUSED", _("could not be used")

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="videos")
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    problem = models.CharField(max_length=20, blank=True)
    seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    size = models.PositiveIntegerField(null=True, blank=True, help_text="Bytes.")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="WAITING", problem="", seconds=None, size=None)
                | Q(status="READY", problem="", seconds__gt=0, size__gt=0)
                | (Q(status="REFUSED", seconds=None, size=None) & ~Q(problem="")),
                name="lesson_video_state_is_whole",
            )
        ]
        indexes = [models.Index(fields=["added_at"], condition=Q(status="WAITING"), name="lesson_video_waiting")]

    def __str__(self) -> str:
        return f"video {self.key}"

    @property
    def original(self) -> str:
        """Where what came in lies until it was looked at."""
        return f"lessons/{self.key}"

    @property
    def film(self) -> str:
        return f"lessons/{self.key}.mp4"

    @property
    def poster(self) -> str:
        return f"lessons/{self.key}.webp"


class Question(models.Model):
    """One question of a lesson, with the reason that is given once it was answered."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text_zh = models.CharField(max_length=200)
    text_en = models.CharField(max_length=300)
    why_zh = models.CharField(max_length=300)
    why_en = models.CharField(max_length=500)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["lesson", "position"], name="question_place_once")]

    def __str__(self) -> str:
        return self.local_text

    @property
    def local_text(self) -> str:
        """The question in the reader's language."""
        return self.text_en if speaks_english() else self.text_zh

    @property
    def local_why(self) -> str:
        """The reason in the reader's language."""
        return self.why_en if speaks_english() else self.why_zh


class Answer(models.Model):
    """One of a question's answers; one of them is right."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="answers")
    position = models.PositiveSmallIntegerField()
    text_zh = models.CharField(max_length=120)
    text_en = models.CharField(max_length=200)
    is_right = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["question", "position"], name="answer_place_once"),
            models.UniqueConstraint(fields=["question"], condition=Q(is_right=True), name="answer_right_once"),
        ]

    def __str__(self) -> str:
        return self.local_text

    @property
    def local_text(self) -> str:
        """The answer in the reader's language."""
        return self.text_en if speaks_english() else self.text_zh


class LessonDone(AppendOnly):
    """Somebody answered all of a lesson's questions rightly. `done_at` is when they did, perhaps without signal;
    `received_at` when we heard of it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="lessons_done")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="done")
    done_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["user", "lesson"], name="lesson_done_once"),
            models.CheckConstraint(
                condition=Q(done_at__lte=models.F("received_at")), name="lesson_done_before_received"
            ),
        ]

    def __str__(self) -> str:
        return f"lesson {self.lesson_id} done by user {self.user_id}"


# All of a course's lessons are done by whom the certificate names, at the moment in which it is given.
_ALL_DONE = """
    IF EXISTS (
        SELECT 1 FROM training_lesson lesson WHERE lesson.course_id = NEW.course_id AND NOT EXISTS (
            SELECT 1 FROM training_lessondone done WHERE done.lesson_id = lesson.id AND done.user_id = NEW.user_id)
    ) OR NOT EXISTS (SELECT 1 FROM training_lesson WHERE course_id = NEW.course_id) THEN
        RAISE EXCEPTION 'user % has not finished course %', NEW.user_id, NEW.course_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'certificate_after_all_lessons';
    END IF;
    RETURN NEW;
"""


class Certificate(AppendOnly):
    """Somebody has finished a course. Whoever is given the code can check it; `holder` is the name as it was then."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates")
    course = models.ForeignKey(Course, models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    holder = models.CharField(max_length=60)
    county = models.ForeignKey(County, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "course"], name="certificate_once")]
        triggers = [
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="after_all_lessons", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_ALL_DONE
            ),
        ]
        indexes = [models.Index(fields=["course", "issued_at"], name="certificate_by_course")]

    def __str__(self) -> str:
        return self.code

    @property
    def holder_is_verified(self) -> bool:
        """Whether somebody has looked at the name, and strangers may be shown it. Needs `user__farmer`."""
        farmer = getattr(self.user, "farmer", None)
        return farmer is not None and farmer.status == Farmer.Status.VERIFIED and farmer.shows_name


class CourseOffer(AppendOnly):
    """A course was offered to somebody at the moment in which it helps: once, whatever happens again."""

    class Reason(models.TextChoices):
        BRUISED = "BRUISED", _("A buyer said that something arrived crushed or spoiled.")
        CLAIMED = "CLAIMED", _("A buyer said that something was wrong.")
        SENT_BACK = "SENT_BACK", _("A moderator asked you to change a listing.")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="course_offers")
    course = models.ForeignKey(Course, models.PROTECT, related_name="offers")
    reason = models.CharField(max_length=9, choices=Reason.choices)
    offered_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["user", "course"], name="course_offered_once")]

    def __str__(self) -> str:
        return f"course {self.course_id} to user {self.user_id}"
