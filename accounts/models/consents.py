"""A farmer lets a specialist prepare things for them, and what was done so: *for* the farmer, never *as* the farmer.

What a specialist may never do has no kind here: there is no act about a payee, a payout or a price.
"""

from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.closeness import not_about_ones_own
from accounts.models.farmers import Farmer
from accounts.models.payees import MAX_TRIES
from accounts.models.posted import only_posted
from common.storage import private_storage

UNDO_WITHIN = timedelta(days=1)

# The consent's row is held until the act is committed: an end that comes at the same moment comes before or after, whole.
_NEEDS_CONSENT = """
    PERFORM 1 FROM accounts_consent c
        WHERE c.id = NEW.consent_id AND c.farmer_id = NEW.farmer_id AND c.specialist_id = NEW.specialist_id
        AND c.state = 'STANDS' AND c.given_at <= NEW.at FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody acts for a farmer without a consent that stands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'act_needs_consent';
    END IF;
    RETURN NEW;
"""


class ConsentRequest(models.Model):
    """A code was sent to the farmer's own phone; the specialist who types it in has it from the farmer.

    One for each of the two; `digest` is a keyed hash, `tries` counts all that was typed, right or wrong.
    """

    farmer = models.ForeignKey(Farmer, models.CASCADE, related_name="+")
    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint("farmer", "specialist", name="consent_request_once"),
            models.CheckConstraint(condition=Q(tries__lte=MAX_TRIES), name="consent_request_tries_few"),
        ]

    def __str__(self) -> str:
        return f"consent request {self.pk}"


class Consent(models.Model):
    """One farmer lets one specialist act for them, by a code from the farmer's phone or a signed paper.

    A paper waits until a moderator has looked at it. It ends on the farmer's word, or the specialist's or a moderator's;
    without a posting to the farmer's county it lets nobody do anything.
    """

    class Way(models.TextChoices):
        CODE = "CODE", _("a code from the farmer's phone")
        PAPER = "PAPER", _("a signed paper")

    class State(models.TextChoices):
        WAITING = "WAITING", _("a moderator looks at the paper")
        STANDS = "STANDS", _("stands")
        ENDED = "ENDED", _("ended")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="consents")
    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="consents")
    way = models.CharField(max_length=5, choices=Way.choices)
    paper = models.FileField(max_length=200, upload_to="consents/", storage=private_storage, blank=True)
    media_type = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=7, choices=State.choices)
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                "farmer", "specialist", condition=~Q(state="ENDED"), name="consent_one_open_for_each"
            ),
            models.CheckConstraint(
                condition=Q(way="CODE", paper="", accepted_by=None) | (Q(way="PAPER") & ~Q(paper="")),
                name="consent_has_its_proof",
            ),
            models.CheckConstraint(
                condition=Q(state="WAITING", way="PAPER", given_at=None, accepted_by=None, ended_at=None, ended_by=None)
                | (
                    Q(state="STANDS", given_at__isnull=False, ended_at=None, ended_by=None)
                    & (Q(way="CODE") | Q(accepted_by__isnull=False))
                )
                | Q(state="ENDED", ended_at__isnull=False, ended_by__isnull=False),
                name="consent_state_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("specialist")), name="consent_accepted_by_another"
            ),
        ]
        triggers = [
            only_posted("consent_to_posted", who="NEW.specialist_id", at="NEW.asked_at"),
            not_about_ones_own("NEW.farmer_id", "NEW.specialist_id"),
            pgtrigger.FSM(
                name="consent_moves",
                field="state",
                transitions=[("WAITING", "STANDS"), ("WAITING", "ENDED"), ("STANDS", "ENDED")],
            ),
            pgtrigger.ReadOnly(name="consent_fixed", fields=["farmer", "specialist", "way", "paper", "asked_at"]),
            pgtrigger.Protect(
                name="consent_end_fixed", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state="ENDED")
            ),
            pgtrigger.Protect(name="consent_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class DelegatedAct(models.Model):
    """What a specialist did for a farmer, naming both. Only while a consent stands and the specialist is posted there."""

    class Kind(models.TextChoices):
        LISTING = "LISTING", _("prepared something to sell")
        LOT = "LOT", _("put a harvest on sale")
        PARCEL = "PARCEL", _("posted a parcel")
        PRICE = "PRICE", _("set another price, with your code")
        WEIGHED = "WEIGHED", _("weighed a harvest")
        PACKED = "PACKED", _("packed a parcel")

    consent = models.ForeignKey(Consent, models.PROTECT, related_name="acts")
    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="delegated_acts")
    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegated_acts")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    about = models.CharField(max_length=40, help_text="To what: “lot:12”.")
    words = models.CharField(max_length=120, help_text="What it was, as the farmer reads it.")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["LISTING", "LOT", "PARCEL", "PRICE", "WEIGHED", "PACKED"]), name="act_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undone_at__gte=F("at"), undone_at__lte=F("at") + UNDO_WITHIN),
                name="act_undone_within_a_day",
            ),
            models.CheckConstraint(condition=Q(undone_at=None) | ~Q(kind="PARCEL"), name="act_posted_is_not_undone"),
        ]
        indexes = [models.Index(fields=["farmer", "-at"], name="delegated_act_by_farmer")]
        triggers = [
            pgtrigger.Trigger(
                name="act_needs_consent", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_NEEDS_CONSENT
            ),
            only_posted("act_by_posted", who="NEW.specialist_id", at="NEW.at"),
            pgtrigger.ReadOnly(name="act_fixed", exclude=["undone_at"]),
            pgtrigger.Protect(
                name="act_undone_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__undone_at__isnull=False),
            ),
            pgtrigger.Protect(name="act_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"

    def can_be_undone(self, now: datetime) -> bool:
        """Within a day, once, and never what is posted."""
        return self.undone_at is None and self.kind != self.Kind.PARCEL and now <= self.at + UNDO_WITHIN
