"""Invitations: a code a specialist gives to one household, so that its sign-up leads to that county and that specialist."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.farmers import Farmer
from accounts.models.places import County
from accounts.models.posted import only_posted


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> "InvitationQuerySet":
        """Neither used, taken back nor over."""
        return self.filter(used_by=None, withdrawn_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """One use, some weeks. `for_whom` is a note of the specialist's, which nobody else reads. Nothing is decided by it."""

    county = models.ForeignKey(County, models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="invitations")
    code = models.CharField(max_length=12, unique=True)
    for_whom = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    used_by = models.OneToOneField(Farmer, models.PROTECT, null=True, blank=True, related_name="invitation")
    used_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="invitation_ends_later"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(for_whom=""), name="invitation_is_for_somebody"),
            models.CheckConstraint(
                condition=Q(used_by=None, used_at=None)
                | Q(used_by__isnull=False, used_at__lt=F("expires_at"), withdrawn_at=None),
                name="invitation_used_in_time",
            ),
        ]
        triggers = [
            only_posted("invitation_by_posted", who="NEW.invited_by_id", at="NEW.created_at", county="NEW.county_id"),
            pgtrigger.ReadOnly(
                name="invitation_fixed",
                fields=["county", "invited_by", "code", "for_whom", "created_at", "expires_at"],
            ),
            pgtrigger.Protect(
                name="invitation_used_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__used_at__isnull=False) | pgtrigger.Q(old__withdrawn_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
