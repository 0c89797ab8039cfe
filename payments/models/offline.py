"""Paying a farmer directly, by the code in their own WeChat or Alipay: whose code it is, and which payment was shown which."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from accounts.models.payees import MAX_TRIES
from marketplace.models import Photo
from payments.models.payments import Payment

_OVER = Q(ended_at__isnull=False)


class ReceivingCode(models.Model):
    """The picture of a farmer's own receiving code. It is a payee: their one-time code and a moderator's look come first.

    Buyers are shown the newest that is APPROVED and whose `takes_effect_at` has come. `digest` is a keyed hash of the
    one-time code; `tries` counts all that was typed, right or wrong.
    """

    class Kind(models.TextChoices):
        WECHAT = "WECHAT", _("WeChat")
        ALIPAY = "ALIPAY", _("Alipay")

    class State(models.TextChoices):
        ASKED = "ASKED", _("waits for your code")
        WAITING = "WAITING", _("a moderator looks at it")
        APPROVED = "APPROVED", _("approved")
        REFUSED = "REFUSED", _("not approved")
        ENDED = "ENDED", _("taken away")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="receiving_codes")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    photo = models.OneToOneField(Photo, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was not approved, or stopped.")
    takes_effect_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=MAX_TRIES), name="receiving_code_tries_few"),
            models.UniqueConstraint(
                "farmer", condition=Q(state__in=["ASKED", "WAITING"]), name="receiving_code_one_new_per_farmer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ASKED", "WAITING"], decided_by=None, takes_effect_at=None, ended_at=None)
                | Q(state="APPROVED", decided_by__isnull=False, takes_effect_at__isnull=False, ended_at=None)
                | Q(_OVER, state="REFUSED", decided_by__isnull=False) & ~Q(reason="")
                | Q(_OVER, state="ENDED"),
                name="receiving_code_state_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(state="WAITING"), name="receiving_code_waiting")]
        triggers = [
            pgtrigger.FSM(
                name="receiving_code_moves",
                field="state",
                transitions=[
                    ("ASKED", "WAITING"),
                    ("WAITING", "APPROVED"),
                    ("WAITING", "REFUSED"),
                    ("APPROVED", "REFUSED"),
                    *((state, "ENDED") for state in ("ASKED", "WAITING", "APPROVED")),
                ],
            ),
            pgtrigger.Protect(
                name="receiving_code_begins_asked",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="ASKED"),
            ),
            pgtrigger.ReadOnly(
                name="receiving_code_terms_fixed", fields=["farmer", "kind", "photo", "asked_at", "digest"]
            ),
            pgtrigger.Protect(name="receiving_code_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"receiving code {self.pk}"


class OfflinePayment(models.Model):
    """What belongs to a payment through the farmer's own code: which code the buyer saw, and when they said that they paid.

    Whether the money came stands in the payment itself, on the farmer's word alone.
    """

    payment = models.OneToOneField(Payment, models.PROTECT, primary_key=True, related_name="offline")
    code = models.ForeignKey(ReceivingCode, models.PROTECT, related_name="payments")
    said_at = models.DateTimeField(null=True, blank=True, help_text="When the buyer said that they had paid.")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="Since when the code is not shown any more.")

    class Meta:
        indexes = [models.Index(fields=["said_at"], condition=Q(said_at__isnull=False), name="offline_said")]
        triggers = [
            pgtrigger.ReadOnly(name="offline_payment_code_fixed", fields=["payment", "code"]),
            pgtrigger.Protect(
                name="offline_payment_said_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__said_at__isnull=False)
                & pgtrigger.Q(old__said_at__df=pgtrigger.F("new__said_at")),
            ),
            pgtrigger.Protect(name="offline_payment_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"offline {self.payment_id}"
