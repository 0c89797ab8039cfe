"""One appeal against how a claim ended, by either side, decided for good by a moderator who had no part in it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.closeness import not_about_ones_own
from payments.models.claims import Claim
from payments.models.refunds import Refund

_FARMER = """SELECT parcel.farmer_id FROM payments_claim claim
    JOIN orders_parcel parcel ON parcel.id = claim.parcel_id WHERE claim.id = NEW.claim_id"""
# A side of an ended claim appeals, somebody else decides who did not decide it, and no more goes back than was asked for.
_FAIR = """
    SELECT claim.state, claim.decided_by_id, claim.asked_fen - coalesce(claim.decided_fen, 0), placed.buyer_id, farmer.user_id
        INTO state, decider, left_fen, buyer, grower
        FROM payments_claim claim JOIN orders_parcel parcel ON parcel.id = claim.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        WHERE claim.id = NEW.claim_id;
    IF state NOT IN ('AGREED', 'DECIDED', 'REFUSED', 'PAID') OR NEW.by_id NOT IN (buyer, grower)
            OR NEW.decided_by_id IN (decider, buyer, grower) OR NEW.more_fen > left_fen THEN
        RAISE EXCEPTION 'an appeal on claim % that is not fair', NEW.claim_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_appeal_fair';
    END IF;
    RETURN NEW;
"""


class ClaimAppeal(models.Model):
    """At most one of a claim. `cause` and `more_fen` say what holds in the end: who bears all of it, what else goes back."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("waiting for another moderator")
        UPHELD = "UPHELD", _("it stays as it was")
        CHANGED = "CHANGED", _("it was changed")

    claim = models.OneToOneField(Claim, models.PROTECT, related_name="appeal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    words = models.CharField(max_length=1000)
    made_at = models.DateTimeField()
    decide_by = models.DateTimeField(help_text="Until when a moderator should have decided.")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    cause = models.CharField(max_length=8, choices=Claim.Cause.choices, blank=True)
    more_fen = models.PositiveIntegerField(null=True, blank=True)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="appeal")

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="claim_appeal_says_why"),
            models.CheckConstraint(
                condition=Q(status="WAITING", decided_by=None, decided_at=None, reason="", cause="", refund=None)
                | Q(decided_by__isnull=False, decided_at__gte=F("made_at"))
                & ~Q(status="WAITING")
                & ~Q(reason="")
                & ~Q(cause=""),
                name="claim_appeal_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(more_fen=None, refund=None) | Q(more_fen__gt=0, refund__isnull=False, status="CHANGED"),
                name="claim_appeal_gives_what_it_says",
            ),
        ]
        indexes = [models.Index(fields=["made_at"], condition=Q(status="WAITING"), name="claim_appeal_waiting")]
        triggers = [
            not_about_ones_own(_FARMER, on=pgtrigger.Insert | pgtrigger.Update),
            pgtrigger.Trigger(
                name="claim_appeal_fair",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[
                    ("state", "text"), ("decider", "bigint"), ("left_fen", "bigint"), ("buyer", "bigint"), ("grower", "bigint"),
                ],
                func=_FAIR,
            ),
            pgtrigger.ReadOnly(name="claim_appeal_terms_fixed", fields=["claim", "by", "words", "made_at", "decide_by"]),
            pgtrigger.Protect(
                name="claim_appeal_ended_stays", operation=pgtrigger.Update, condition=~pgtrigger.Q(old__status="WAITING")
            ),
            pgtrigger.Protect(name="claim_appeal_never_deleted", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"appeal on claim {self.claim_id}"

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has decided it yet."""
        return self.status == self.Status.WAITING
