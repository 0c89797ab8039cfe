"""Claims: what a buyer says is wrong with a parcel, what the farmer says to it, and how it ended. All money in fen."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import AppendOnly
from marketplace.models import Photo
from orders.models import Parcel
from payments.models.refunds import Refund

# What was given back before, for whatever reason, cannot be asked for again.
_WITHIN_PARCEL = """
    SELECT goods_fen + postage_fen - refunded_fen INTO remaining FROM orders_parcel WHERE id = NEW.parcel_id;
    IF NEW.asked_fen > remaining THEN
        RAISE EXCEPTION 'a claim on parcel % asks for more than is left of it', NEW.parcel_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_within_parcel';
    END IF;
    RETURN NEW;
"""
_UNENDED = Q(decided_at=None, decided_by=None, decided_fen=None, refund=None)
_ENDED = Q(decided_at__isnull=False, decided_by__isnull=False)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, user: User | AnonymousUser) -> "ClaimQuerySet":
        """The two sides' own; moderators see all."""
        if getattr(user, "is_moderator", False):
            return self.all()
        return self.filter(Q(parcel__order__buyer_id=user.pk) | Q(parcel__farmer__user_id=user.pk))

    def for_moderators(self, now: datetime) -> "ClaimQuerySet":
        """Open ones that the farmer has answered, or has had the time to."""
        heard = Q(answered_at__isnull=False) | Q(answer_due__lte=now)
        return self.filter(heard, state=Claim.State.OPEN)


class Claim(models.Model):
    """One claim on one parcel; at most one of a parcel is open. Its parcel stands at CLAIMED as long as it is.

    What the buyer said never changes. The farmer answers once, in `answer`, perhaps with an offer. `decided_*` say how it
    ended, on whose word, and what goes back: nothing when refused or withdrawn.
    """

    class Kind(models.TextChoices):
        SPOILED = "SPOILED", _("spoiled or damaged")
        MISSING = "MISSING", _("something is missing")
        WRONG = "WRONG", _("not what I ordered")
        OTHER = "OTHER", _("something else")

    class State(models.TextChoices):
        OPEN = "OPEN", _("waiting for an answer or a decision")
        AGREED = "AGREED", _("agreed between the two")
        DECIDED = "DECIDED", _("decided by a moderator")
        REFUSED = "REFUSED", _("refused by a moderator")
        WITHDRAWN = "WITHDRAWN", _("taken back by the buyer")

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="claims")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    words = models.CharField(max_length=1000)
    asked_fen = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    answer_due = models.DateTimeField(help_text="After this the moderators decide without the farmer's answer.")
    answer = models.CharField(max_length=1000, blank=True)
    offered_fen = models.PositiveIntegerField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    decided_fen = models.PositiveIntegerField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="claim")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint("parcel", condition=Q(state="OPEN"), name="claim_one_open_per_parcel"),
            models.CheckConstraint(condition=Q(asked_fen__gt=0) & ~Q(words=""), name="claim_says_what_and_how_much"),
            models.CheckConstraint(
                condition=Q(answer="", offered_fen=None, answered_at=None)
                | ~Q(answer="") & Q(answered_at__isnull=False),
                name="claim_answer_has_words_and_time",
            ),
            models.CheckConstraint(
                condition=Q(offered_fen=None) | Q(offered_fen__gt=0, offered_fen__lt=F("asked_fen")),
                name="claim_offer_below_asked",
            ),
            models.CheckConstraint(
                condition=Q(decided_fen=None) | Q(decided_fen__gt=0, decided_fen__lte=F("asked_fen")),
                name="claim_decided_within_asked",
            ),
            models.CheckConstraint(
                condition=Q(_UNENDED, state="OPEN")
                | Q(_ENDED, state__in=["AGREED", "DECIDED"], decided_fen__isnull=False, refund__isnull=False)
                | Q(_ENDED, state__in=["REFUSED", "WITHDRAWN"], decided_fen=None, refund=None),
                name="claim_end_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["DECIDED", "REFUSED"]) | ~Q(reason=""), name="claim_moderator_says_why"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], condition=Q(state="OPEN"), name="claim_open")]
        triggers = [
            pgtrigger.Trigger(
                name="claim_within_parcel",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("remaining", "bigint")],
                func=_WITHIN_PARCEL,
            ),
            pgtrigger.ReadOnly(
                name="claim_terms_fixed", fields=["parcel", "kind", "words", "asked_fen", "opened_at", "answer_due"]
            ),
            pgtrigger.Protect(
                name="claim_answered_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__answered_at__isnull=False)
                & (
                    pgtrigger.Q(old__answer__df=pgtrigger.F("new__answer"))
                    | pgtrigger.Q(old__offered_fen__df=pgtrigger.F("new__offered_fen"))
                ),
            ),
            pgtrigger.Protect(
                name="claim_ended_stays", operation=pgtrigger.Update, condition=~pgtrigger.Q(old__state="OPEN")
            ),
            pgtrigger.Protect(name="claim_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"claim on {self.parcel_id}"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to say or decide."""
        return self.state == self.State.OPEN

    def is_heard(self, now: datetime) -> bool:
        """Whether the farmer has answered, or has had the time to: then it is the moderators'."""
        return self.answered_at is not None or self.answer_due <= now


class ClaimPhoto(AppendOnly):
    """A picture of what arrived; shown to the two sides and to moderators only, through a page that asks who looks."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="photo_places")
    photo = models.OneToOneField(Photo, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"photo of claim {self.claim_id}"
