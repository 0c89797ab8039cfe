"""Another phone number for somebody who lost theirs: asked for by one who looks after them, approved by another."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.contacts import mask_phone
from accounts.models.closeness import not_about_ones_own
from common.signing import MOVES, State, TwoPeople, signed_for_good, two_people

# After somebody else changed what a farmer signs in with, their money goes where it went for a while, whoever asks.
PAYEE_WAITS = """
    IF EXISTS (
        SELECT 1 FROM accounts_numberrecovery r JOIN accounts_farmer f ON f.user_id = r.user_id
        WHERE f.id = NEW.farmer_id AND r.payee_not_before > NEW.takes_effect_at
    ) THEN
        RAISE EXCEPTION 'the money of farmer % waits after another number was put in', NEW.farmer_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payee_waits_after_recovery';
    END IF;
    RETURN NEW;
"""


class NumberRecovery(TwoPeople):
    """A wish that somebody sign in with another number, with what showed that it is them.

    The number they had is told at once and they can stop it; no second person can approve it before `not_before`.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="recoveries")
    former = models.CharField(max_length=20, help_text="The number they signed in with.")
    phone = models.CharField(max_length=20, help_text="The number they are to sign in with.")
    reason = models.CharField(max_length=500)
    proof = models.CharField(max_length=500, help_text="What showed that it is them.")
    not_before = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PREPARED)
    payee_not_before = models.DateTimeField(
        null=True, blank=True, help_text="Their money goes to no other account before."
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            *two_people("recovery"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(proof=""), name="recovery_says_why"),
            models.CheckConstraint(condition=~Q(phone=F("former")), name="recovery_is_another_number"),
            models.CheckConstraint(
                condition=~Q(prepared_by=F("user")) & (Q(approved_by=None) | ~Q(approved_by=F("user"))),
                name="recovery_by_others",
            ),
            models.CheckConstraint(
                condition=Q(not_before__gte=F("prepared_at"))
                & (Q(approved_at=None) | Q(approved_at__gte=F("not_before"))),
                name="recovery_has_waited",
            ),
            models.CheckConstraint(
                condition=Q(state="APPROVED", payee_not_before__gte=F("approved_at"))
                | ~Q(state="APPROVED") & Q(payee_not_before=None),
                name="recovery_holds_the_money",
            ),
            models.UniqueConstraint("user", condition=Q(state="PREPARED"), name="recovery_one_waits"),
        ]
        indexes = [models.Index(fields=["prepared_at"], condition=Q(state="PREPARED"), name="recovery_waiting")]
        triggers = [
            *signed_for_good("recovery", "user", "former", "phone", "reason", "proof", "not_before"),
            pgtrigger.FSM(name="recovery_moves", field="state", transitions=MOVES),
            not_about_ones_own(
                "SELECT f.id FROM accounts_farmer f WHERE f.user_id = NEW.user_id",
                decider="coalesce(NEW.approved_by_id, NEW.prepared_by_id)",
                on=pgtrigger.Insert | pgtrigger.UpdateOf("approved_by_id"),
            ),
        ]

    @property
    def masked_phone(self) -> str:
        """The new number, for whoever has the old one to recognise it if it is theirs."""
        return mask_phone(self.phone)

    def __str__(self) -> str:
        return f"recovery {self.pk}"
