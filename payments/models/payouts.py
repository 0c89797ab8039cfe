"""Payouts: farmers' released money on its way to their accounts, in batches that two people answer for. Money in fen."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer

# Nothing leaves for an account before a second person has approved and the batch was sent.
_ONLY_WHEN_SENT = """
    IF NEW.state IN ('SENT', 'PAID', 'RETURNED')
        AND NOT EXISTS (SELECT 1 FROM payments_payoutbatch batch WHERE batch.id = NEW.batch_id AND batch.state = 'SENT')
    THEN
        RAISE EXCEPTION 'payout % belongs to a batch that was not sent', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_of_a_sent_batch';
    END IF;
    RETURN NEW;
"""
_PEOPLE = ["approved_by", "approved_at", "sent_by", "sent_at", "dropped_by", "dropped_at"]


def _only(*names: str) -> Q:
    """These columns are filled, the other people's and times' are not."""
    return Q(**{f"{name}__isnull": name not in names for name in _PEOPLE})


class PayoutBatch(models.Model):
    """Payouts that go out together: prepared by one person, approved by another, then sent to the bank.

    It is through when none of its payouts is under way any more; what became of each is on the payout.
    """

    class State(models.TextChoices):
        PREPARED = "PREPARED", _("waits for a second person")
        APPROVED = "APPROVED", _("approved, to be sent")
        SENT = "SENT", _("with the bank")
        DROPPED = "DROPPED", _("given up before it was sent")

    state = models.CharField(max_length=8, choices=State.choices, default=State.PREPARED)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was given up.")

    class Meta:
        ordering = ["-pk"]
        permissions = [("handle_payouts", _("Can prepare, approve and follow payouts"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")), name="payout_batch_needs_two_people"
            ),
            models.CheckConstraint(
                condition=Q(_only(), state="PREPARED", reason="")
                | Q(_only("approved_by", "approved_at"), state="APPROVED", reason="")
                | Q(_only("approved_by", "approved_at", "sent_by", "sent_at"), state="SENT", reason="")
                | Q(state="DROPPED", sent_at=None, dropped_by__isnull=False, dropped_at__isnull=False) & ~Q(reason=""),
                name="payout_batch_is_signed",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="payout_batch_moves",
                field="state",
                transitions=[
                    ("PREPARED", "APPROVED"),
                    ("PREPARED", "DROPPED"),
                    ("APPROVED", "SENT"),
                    ("APPROVED", "DROPPED"),
                ],
            ),
            pgtrigger.ReadOnly(name="payout_batch_preparer_fixed", fields=["prepared_by", "prepared_at"]),
            pgtrigger.Protect(
                name="payout_batch_approver_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__approved_by__isnull=False)
                & pgtrigger.Q(old__approved_by__df=pgtrigger.F("new__approved_by")),
            ),
            pgtrigger.Protect(name="payout_batch_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"payout batch {self.pk}"


class Payout(models.Model):
    """One farmer's part of a batch, to the account that was theirs when it was prepared.

    Only the bank's word makes it PAID. What comes back, also later, is RETURNED with the bank's reason, and is to be
    paid out again. A farmer has one payout under way at most.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("being prepared")
        SENT = "SENT", _("on its way")
        PAID = "PAID", _("paid")
        RETURNED = "RETURNED", _("came back")
        DROPPED = "DROPPED", _("given up before it was sent")

    UNDER_WAY = (State.WAITING, State.SENT)

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="payouts")
    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="payouts")
    reference = models.CharField(max_length=32, unique=True)
    amount_fen = models.PositiveIntegerField()
    payee_kind = models.CharField(max_length=8, choices=Farmer.PayeeKind.choices)
    payee_name = models.CharField(max_length=60)
    payee_account = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    paid_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it came back, as the bank says.")
    is_payee_wrong = models.BooleanField(default=False, help_text="It came back because of the account.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payout_amount_above_0"),
            models.UniqueConstraint("batch", "farmer", name="payout_once_per_batch_and_farmer"),
            models.UniqueConstraint(
                "farmer", condition=Q(state__in=["WAITING", "SENT"]), name="payout_one_under_way_per_farmer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["WAITING", "SENT", "DROPPED"], paid_at=None, returned_at=None, reason="")
                | Q(state="PAID", paid_at__isnull=False, returned_at=None, reason="")
                | Q(state="RETURNED", returned_at__isnull=False) & ~Q(reason=""),
                name="payout_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_payee_wrong=False) | Q(state="RETURNED"), name="payout_wrong_came_back"
            ),
        ]
        indexes = [models.Index(fields=["farmer", "-id"], name="payout_by_farmer")]
        triggers = [
            pgtrigger.FSM(
                name="payout_moves",
                field="state",
                transitions=[
                    ("WAITING", "SENT"),
                    ("WAITING", "DROPPED"),
                    ("SENT", "PAID"),
                    ("SENT", "RETURNED"),
                    ("PAID", "RETURNED"),
                ],
            ),
            pgtrigger.Trigger(
                name="payout_of_a_sent_batch",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_ONLY_WHEN_SENT,
            ),
            pgtrigger.ReadOnly(
                name="payout_terms_fixed",
                fields=["batch", "farmer", "reference", "amount_fen", "payee_kind", "payee_name", "payee_account"],
            ),
            pgtrigger.Protect(name="payout_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def masked_payee_account(self) -> str:
        """The last four characters, for people to recognise."""
        return f"****{self.payee_account[-4:]}"
