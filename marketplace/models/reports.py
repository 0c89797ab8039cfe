"""What people report about listings, shop pages and reviews, and what became of it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from accounts.models.closeness import not_about_ones_own
from marketplace.models.listings import Listing


class Report(models.Model):
    """One person's word about one thing. `about` names it ("listing:12"); `shown` keeps what it said at that time.

    A guest is known by a keyed hash of their session or address (`guest`), nothing else of them is kept.
    """

    class Reason(models.TextChoices):
        FALSE = "FALSE", _("It is not what it says")
        COPIED = "COPIED", _("Photos or words are somebody else's")
        FORBIDDEN = "FORBIDDEN", _("It may not be sold or said")
        RUDE = "RUDE", _("It insults somebody")
        CONTACT = "CONTACT", _("It leads people to buy elsewhere")
        OTHER = "OTHER", _("Something else")

    class Status(models.TextChoices):
        WAITING = "WAITING", _("waiting for a moderator")
        VALID = "VALID", _("right")
        INVALID = "INVALID", _("nothing found")
        MALICIOUS = "MALICIOUS", _("meant to harm")

    about = models.CharField(max_length=40)
    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="+", help_text="Whose listing or shop it is about.")
    listing = models.ForeignKey(Listing, models.PROTECT, null=True, blank=True, related_name="reports")
    link = models.CharField(max_length=200)
    shown = models.CharField(max_length=400)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reports"
    )
    guest = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    words = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reporter__isnull=False, guest="") | (Q(reporter__isnull=True) & ~Q(guest="")),
                name="report_by_somebody",
            ),
            models.UniqueConstraint("about", "reporter", condition=Q(guest=""), name="report_once_a_person"),
            models.UniqueConstraint("about", "guest", condition=~Q(guest=""), name="report_once_a_guest"),
            models.CheckConstraint(
                condition=Q(status="WAITING", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(status="WAITING")
                    & ~Q(decision_reason="")
                ),
                name="report_decided_has_reason",
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("reporter")), name="report_decided_by_another"),
        ]
        indexes = [
            models.Index(fields=["made_at"], condition=Q(status="WAITING"), name="report_waiting"),
            models.Index(fields=["reporter", "status"], name="report_by_reporter"),
            models.Index(fields=["guest", "status"], condition=~Q(guest=""), name="report_by_guest"),
        ]
        triggers = [
            not_about_ones_own("NEW.farmer_id", on=pgtrigger.Insert | pgtrigger.Update),
            pgtrigger.Trigger(
                name="decided_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.status <> 'WAITING'"),
                func="RAISE EXCEPTION 'a report is decided once' USING ERRCODE = 'check_violation';",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk} about {self.about}"
