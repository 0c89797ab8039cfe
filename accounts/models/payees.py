"""Where a farmer's money goes next: the wish, which their own code makes count, and the change, which waits some days."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.farmers import Farmer
from accounts.models.recoveries import PAYEE_WAITS

MAX_TRIES = 5


class PayeeTerms(models.Model):
    """Another account. Private: shown to nobody but its farmer, and to others by its end."""

    payee_kind = models.CharField(max_length=8, choices=Farmer.PayeeKind.choices)
    payee_name = models.CharField(max_length=60)
    payee_account = models.CharField(max_length=64)
    asked_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def masked_payee_account(self) -> str:
        """The last four characters, to recognise it by."""
        return f"****{self.payee_account[-4:]}"


class PayeeRequest(PayeeTerms):
    """What a farmer typed, until they type the code that was sent for it. One each: a new one takes the old one's place.

    `digest` is a keyed hash of the code; `tries` counts all that was typed, right or wrong.
    """

    farmer = models.OneToOneField(Farmer, models.CASCADE, related_name="payee_request")
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(tries__lte=MAX_TRIES), name="payee_request_tries_few")]

    def __str__(self) -> str:
        return f"payee request {self.pk}"


class PayeeChange(PayeeTerms):
    """A change of account that its farmer's code made count. Money goes there from `takes_effect_at` on, if nobody stops it.

    Its terms never change, a farmer has one that waits at most, and none is done before its time.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("waits")
        DONE = "DONE", _("in force")
        STOPPED = "STOPPED", _("stopped")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="payee_changes")
    takes_effect_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    ended_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was stopped, if somebody else did.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint("farmer", condition=Q(state="WAITING"), name="payee_change_one_waiting_per_farmer"),
            models.CheckConstraint(condition=Q(takes_effect_at__gte=F("asked_at")), name="payee_change_not_backwards"),
            models.CheckConstraint(
                condition=Q(state="WAITING", ended_at=None, stopped_by=None, reason="")
                | Q(state="DONE", ended_at__gte=F("takes_effect_at"), stopped_by=None, reason="")
                | Q(state="STOPPED", ended_at__isnull=False, stopped_by__isnull=False),
                name="payee_change_end_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["takes_effect_at"], condition=Q(state="WAITING"), name="payee_change_due"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="payee_change_moves", field="state", transitions=[("WAITING", "DONE"), ("WAITING", "STOPPED")]
            ),
            pgtrigger.Protect(
                name="payee_change_begins_waiting",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="WAITING"),
            ),
            pgtrigger.ReadOnly(
                name="payee_change_terms_fixed",
                fields=["farmer", "payee_kind", "payee_name", "payee_account", "asked_at", "takes_effect_at"],
            ),
            pgtrigger.Protect(
                name="payee_change_end_fixed",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="WAITING"),
            ),
            pgtrigger.Trigger(
                name="payee_waits_after_recovery",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=PAYEE_WAITS,
            ),
            pgtrigger.Protect(name="payee_change_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"payee change {self.pk}"
