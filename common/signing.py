"""What two people answer for: one prepares, another approves. The same columns and guards wherever that is so."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    PREPARED = "PREPARED", _("waits for a second person")
    APPROVED = "APPROVED", _("approved")
    DROPPED = "DROPPED", _("given up")


class TwoPeople(models.Model):
    """Prepared by one and approved by another, or given up by anybody, with a reason."""

    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    why_dropped = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


def two_people(name: str) -> list[models.CheckConstraint]:
    """Who prepared it is not who approved it, and the people of each step are on record; `state` says which it is at."""
    signed = Q(approved_by__isnull=False, approved_at__isnull=False)
    unsigned = Q(approved_by=None, approved_at=None)
    dropped = Q(dropped_by__isnull=False, dropped_at__isnull=False) & ~Q(why_dropped="")
    kept = Q(dropped_by=None, dropped_at=None, why_dropped="")
    return [
        models.CheckConstraint(
            condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")), name=f"{name}_needs_two_people"
        ),
        models.CheckConstraint(
            condition=(Q(state="PREPARED") & unsigned & kept)
            | (Q(state="DROPPED") & dropped & (signed | unsigned))
            | (~Q(state__in=["PREPARED", "DROPPED"]) & signed & kept),
            name=f"{name}_is_signed",
        ),
    ]


def signed_for_good(name: str, *terms: str) -> list[pgtrigger.Trigger]:
    """It begins prepared, what was prepared stays, so do the signatures, and no row ever goes."""
    return [
        pgtrigger.Protect(
            name=f"{name}_begins_prepared", operation=pgtrigger.Insert, condition=~pgtrigger.Q(new__state="PREPARED")
        ),
        pgtrigger.ReadOnly(name=f"{name}_terms_fixed", fields=["prepared_by", "prepared_at", *terms]),
        pgtrigger.Protect(
            name=f"{name}_approver_fixed",
            operation=pgtrigger.Update,
            condition=pgtrigger.Q(old__approved_by__isnull=False)
            & (
                pgtrigger.Q(old__approved_by__df=pgtrigger.F("new__approved_by"))
                | pgtrigger.Q(old__approved_at__df=pgtrigger.F("new__approved_at"))
            ),
        ),
        pgtrigger.Protect(name=f"{name}_never_deleted", operation=pgtrigger.Delete),
    ]


#: The three moves of what ends when it is approved.
MOVES = [("PREPARED", "APPROVED"), ("PREPARED", "DROPPED")]
