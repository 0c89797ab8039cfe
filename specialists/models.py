"""Visits with their notes and photos, what was said to people who were called, weighings, and prices by the farmer's code."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import DelegatedAct, Farmer, Posting
from accounts.models.payees import MAX_TRIES
from accounts.models.posted import only_posted
from common.models import AppendOnly
from marketplace.models import Listing, Lot, Photo


class VisitQuerySet(models.QuerySet["Visit"]):
    def open(self) -> "VisitQuerySet":
        """Planned and not made yet, by whoever planned them: the next specialist takes them over."""
        return self.filter(done_at=None)


class Visit(models.Model):
    """A visit to a household: planned for a day, then made, with a note. What was noted never changes.

    It belongs to the household, not to who planned it: whoever is posted to the county sees it and may make it.
    """

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="visits")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    planned_on = models.DateField()
    aim = models.CharField(max_length=200)
    planned_at = models.DateTimeField()
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-planned_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None, note="")
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(note="")),
                name="visit_made_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["planned_on"], condition=Q(done_at__isnull=True), name="visit_open")]
        triggers = [
            only_posted("visit_planned_by_posted", who="NEW.planned_by_id", at="NEW.planned_at"),
            only_posted(
                "visit_made_by_posted",
                who="NEW.done_by_id",
                at="NEW.done_at",
                on=pgtrigger.Insert | pgtrigger.Update,
                when="NEW.done_at IS NOT NULL",
            ),
            pgtrigger.ReadOnly(
                name="visit_plan_fixed", fields=["farmer", "planned_by", "planned_on", "aim", "planned_at"]
            ),
            pgtrigger.Protect(
                name="visit_note_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class VisitPhoto(AppendOnly):
    """A picture of a visit: confined, so that only the page that asks who looks ever shows it."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photo_places")
    photo = models.OneToOneField(Photo, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"photo of visit {self.visit_id}"


class CallNote(AppendOnly):
    """What came of one thing that needed a person: called, or done. `task` is its name in calls.py: “late:12”."""

    class Outcome(models.TextChoices):
        CALLED = "CALLED", _("called")
        DONE = "DONE", _("done")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="call_notes")
    task = models.CharField(max_length=40)
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["-at", "-pk"]
        triggers = [*AppendOnly.Meta.triggers, only_posted("note_by_posted", who="NEW.by_id", at="NEW.at")]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["CALLED", "DONE"]), name="call_note_outcome_known"),
            models.CheckConstraint(condition=~Q(task=""), name="call_note_names_its_task"),
        ]
        indexes = [models.Index(fields=["task", "-at"], name="call_note_by_task")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.task}"


class PostingTurn(AppendOnly):
    """That a posting ended, or began, on a day, and everybody concerned was told: once for that day."""

    class What(models.TextChoices):
        BEGAN = "BEGAN", _("began")
        ENDED = "ENDED", _("ended")

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="turns")
    what = models.CharField(max_length=5, choices=What.choices)
    day = models.DateField(help_text="Its first day, or its last.")
    told_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint("posting", "what", "day", name="posting_turn_once"),
            models.CheckConstraint(condition=Q(what__in=["BEGAN", "ENDED"]), name="posting_turn_known"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.day}"


class WeighingChange(AppendOnly):
    """What a specialist weighed for a farmer: how many boxes the harvest had and has, so that it can be taken back."""

    act = models.OneToOneField(DelegatedAct, models.PROTECT, related_name="weighing_change")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    old_packs = models.PositiveIntegerField()
    new_packs = models.PositiveIntegerField()
    noted_picked = models.BooleanField(
        help_text="Whether it said that the harvest was picked, which it was not before."
    )

    class Meta(AppendOnly.Meta):
        constraints = [models.CheckConstraint(condition=Q(new_packs__gt=0), name="weighing_change_fills_a_box")]

    def __str__(self) -> str:
        return f"weighing change {self.pk}"


class PriceRequest(models.Model):
    """Another price (fen) that a specialist typed for a farmer, until the farmer's own code is told back. One for each farmer.

    `digest` is a keyed hash of the code; `tries` counts all that was typed, right or wrong.
    """

    farmer = models.OneToOneField(Farmer, models.CASCADE, related_name="price_request")
    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="+")
    price_fen = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=MAX_TRIES), name="price_request_tries_few"),
            models.CheckConstraint(condition=Q(price_fen__gt=0) & ~Q(digest=""), name="price_request_is_whole"),
        ]
        triggers = [only_posted("price_request_by_posted", who="NEW.specialist_id", at="NEW.asked_at")]

    def __str__(self) -> str:
        return f"price request {self.pk}"


class PriceChange(AppendOnly):
    """A price that a specialist set with the farmer's code: what it was, what it became, and when the code was told back."""

    act = models.OneToOneField(DelegatedAct, models.PROTECT, related_name="price_change")
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+")
    old_fen = models.PositiveIntegerField()
    new_fen = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(confirmed_at__gte=F("asked_at")), name="price_change_after_asking")
        ]

    def __str__(self) -> str:
        return f"price change {self.pk}"
