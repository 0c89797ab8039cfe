"""A farmer who thinks that a decision was wrong: another moderator looks again."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.closeness import not_about_ones_own
from marketplace.models.moderation import ModerationDecision

_FARMER = """SELECT COALESCE(l.farmer_id, s.farmer_id) FROM marketplace_moderationdecision d
    LEFT JOIN marketplace_listing l ON l.id = d.listing_id
    LEFT JOIN marketplace_storefront s ON s.id = d.storefront_id WHERE d.id = NEW.decision_id"""


class Appeal(models.Model):
    """At most one against each decision that said no. Who made that decision can't decide about it again."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("waiting for a moderator")
        UPHELD = "UPHELD", _("the decision stands")
        OVERTURNED = "OVERTURNED", _("the decision was wrong")

    decision = models.OneToOneField(ModerationDecision, models.PROTECT, related_name="appeal")
    words = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="appeal_says_why"),
            models.CheckConstraint(
                condition=Q(status="WAITING", decided_by__isnull=True, decided_at__isnull=True)
                | (Q(decided_by__isnull=False, decided_at__gte=F("made_at")) & ~Q(status="WAITING") & ~Q(reason="")),
                name="appeal_decided_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["made_at"], condition=Q(status="WAITING"), name="appeal_waiting")]
        triggers = [
            not_about_ones_own(_FARMER, on=pgtrigger.Insert | pgtrigger.Update),
            pgtrigger.Trigger(
                name="by_another",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF EXISTS (
                        SELECT 1 FROM marketplace_moderationdecision d
                        WHERE d.id = NEW.decision_id AND d.decided_by_id = NEW.decided_by_id
                    ) THEN
                        RAISE EXCEPTION 'nobody decides an appeal against themselves' USING ERRCODE = 'check_violation';
                    END IF;
                    IF EXISTS (
                        SELECT 1 FROM marketplace_moderationdecision d
                        WHERE d.id = NEW.decision_id AND d.verdict IN ('APPROVE', 'RESTORE')
                    ) THEN
                        RAISE EXCEPTION 'there is nothing to appeal against' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="decided_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.status <> 'WAITING'"),
                func="RAISE EXCEPTION 'an appeal is decided once' USING ERRCODE = 'check_violation';",
            ),
        ]

    def __str__(self) -> str:
        return f"appeal against decision {self.decision_id}"
