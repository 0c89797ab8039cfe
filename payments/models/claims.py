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
from orders.models import OrderLine, Parcel
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
# The line is of the claim's own parcel, whole packs are all that there were, and no line costs more than it did.
_WITHIN_LINE = """
    SELECT line.packs, line.total_fen, line.parcel_id = claim.parcel_id INTO packs, total, is_of_it
        FROM orders_orderline line, payments_claim claim WHERE line.id = NEW.line_id AND claim.id = NEW.claim_id;
    IF NOT is_of_it OR NEW.fen > total OR (NEW.unit = 'PACK' AND NEW.out_of <> packs) THEN
        RAISE EXCEPTION 'claim % counts what line % does not have', NEW.claim_id, NEW.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_item_within_line';
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
    ended, on whose word, and what goes back: nothing when refused or withdrawn. `cause` says who bears that.
    """

    class Kind(models.TextChoices):
        SPOILED = "SPOILED", _("spoiled or damaged")
        CRUSHED = "CRUSHED", _("crushed or wet on the way")
        MISSING = "MISSING", _("something is missing")
        WRONG = "WRONG", _("not what I ordered")
        OTHER = "OTHER", _("something else")

    class State(models.TextChoices):
        OPEN = "OPEN", _("waiting for an answer or a decision")
        AGREED = "AGREED", _("agreed between the two")
        DECIDED = "DECIDED", _("decided by a moderator")
        REFUSED = "REFUSED", _("refused by a moderator")
        WITHDRAWN = "WITHDRAWN", _("taken back by the buyer")
        PAID = "PAID", _("small, and paid at once")

    class Cause(models.TextChoices):
        """Where it went wrong; who bears what goes back follows from it."""

        GROWER = "GROWER", _("with the grower")
        COURIER = "COURIER", _("on the way, with the courier")
        PLATFORM = "PLATFORM", _("with us, the platform")

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
    cause = models.CharField(max_length=8, choices=Cause.choices, default=Cause.GROWER, db_default=Cause.GROWER)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="claim")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint("parcel", condition=Q(state="OPEN"), name="claim_one_open_per_parcel"),
            models.UniqueConstraint("parcel", condition=Q(state="PAID"), name="claim_one_at_once_per_parcel"),
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
                | Q(_ENDED, state__in=["AGREED", "DECIDED", "PAID"], decided_fen__isnull=False, refund__isnull=False)
                | Q(_ENDED, state__in=["REFUSED", "WITHDRAWN"], decided_fen=None, refund=None),
                name="claim_end_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["DECIDED", "REFUSED"]) | ~Q(reason=""), name="claim_moderator_says_why"
            ),
            models.CheckConstraint(
                condition=Q(cause="GROWER") | Q(decided_fen__isnull=False), name="claim_cause_of_what_goes_back"
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

    @property
    def bearer(self) -> str:
        """The cause that holds: an appeal's, if one was decided."""
        appeal = getattr(self, "appeal", None)
        return (appeal.cause if appeal else "") or self.cause

    def is_heard(self, now: datetime) -> bool:
        """Whether the farmer has answered, or has had the time to: then it is the moderators'."""
        return self.answered_at is not None or self.answer_due <= now


class ClaimItem(AppendOnly):
    """How much of one line is bad, as the buyer counted it, and the fen of its price that this comes to."""

    class Unit(models.TextChoices):
        PACK = "PACK", _("packs")
        PIECE = "PIECE", _("pieces")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="items")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="claim_items")
    unit = models.CharField(max_length=5, choices=Unit.choices)
    bad = models.PositiveIntegerField()
    out_of = models.PositiveIntegerField(help_text="All that came of the line, in the same unit.")
    fen = models.PositiveIntegerField()

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("claim", "line", name="claim_item_once_per_line"),
            models.CheckConstraint(
                condition=Q(bad__gt=0, bad__lte=F("out_of"), fen__gt=0), name="claim_item_counts_something"
            ),
        ]
        triggers = [
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="claim_item_within_line",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("packs", "bigint"), ("total", "bigint"), ("is_of_it", "boolean")],
                func=_WITHIN_LINE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bad} of {self.out_of} of line {self.line_id}"


class ClaimPhoto(AppendOnly):
    """A picture of what arrived; shown to the two sides and to moderators only, through a page that asks who looks."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="photo_places")
    photo = models.OneToOneField(Photo, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"photo of claim {self.claim_id}"
