"""Farmers, their papers, who verified them, and the specialists posted to their counties."""

from datetime import date
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models.closeness import not_about_ones_own
from accounts.models.places import County
from common.models import AppendOnly
from common.storage import private_storage

if TYPE_CHECKING:
    from accounts.models.users import User


# A verified farmer's money goes where the last change in force says, or where it went before: whoever writes, and however.
_PAYEE_AS_CHANGED = """
    IF NOT EXISTS (
        SELECT 1 FROM (
            SELECT * FROM accounts_payeechange WHERE farmer_id = OLD.id AND state = 'DONE'
            ORDER BY ended_at DESC, id DESC LIMIT 1
        ) last
        WHERE (last.payee_kind, last.payee_name, last.payee_account) = (NEW.payee_kind, NEW.payee_name, NEW.payee_account)
    ) THEN
        RAISE EXCEPTION 'another payee for farmer % without a change in force', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'farmer_payee_as_changed';
    END IF;
    RETURN NEW;
"""


class FarmerQuerySet(models.QuerySet["Farmer"]):
    def verified(self) -> "FarmerQuerySet":
        """Those whose things may be shown to buyers."""
        return self.filter(status=Farmer.Status.VERIFIED)

    def waiting(self) -> "FarmerQuerySet":
        """Those whom a moderator or specialist has to look at, oldest first."""
        return self.filter(status=Farmer.Status.WAITING).order_by("applied_at", "pk")

    def decidable_by(self, user: "User", today: date) -> "FarmerQuerySet":
        """Those whom `user` may verify, refuse or suspend: moderators all, a specialist their counties', nobody themself."""
        if not user.is_active:
            return self.none()
        same_payee = Farmer.objects.filter(
            user=user, payee_kind=OuterRef("payee_kind"), payee_account=OuterRef("payee_account")
        )
        others = self.exclude(user=user).exclude(ties__user=user).exclude(Exists(same_payee))
        if user.is_moderator:
            return others
        return others.filter(Exists(Posting.objects.current(today).filter(specialist=user, county=OuterRef("county"))))


class Farmer(models.Model):
    """A seller's record: a household or a cooperative in one county. No company licence is asked for.

    `registered_poor`, the village and the payee are private: never on a public page.
    """

    class Kind(models.TextChoices):
        HOUSEHOLD = "HOUSEHOLD", _("household")
        COOPERATIVE = "COOPERATIVE", _("cooperative")

    class Status(models.TextChoices):
        WAITING = "WAITING", _("waiting to be verified")
        VERIFIED = "VERIFIED", _("verified")
        REFUSED = "REFUSED", _("not verified")
        SUSPENDED = "SUSPENDED", _("suspended")

    class PayeeKind(models.TextChoices):
        BANK = "BANK", _("bank card")
        ALIPAY = "ALIPAY", _("Alipay")
        WECHAT = "WECHAT", _("WeChat Pay")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="farmer")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=60, help_text="As buyers see it: “Chen Guilan's household”.")
    own_name = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text="Their true name, while buyers may not see it."
    )
    shows_name = models.BooleanField(default=True, db_default=True)
    shows_picture = models.BooleanField(default=True, db_default=True)
    county = models.ForeignKey(County, models.PROTECT, related_name="farmers")
    town = models.CharField(max_length=60)
    village = models.CharField(max_length=60)
    women_led = models.BooleanField(default=False)
    registered_poor = models.BooleanField(default=False)
    payee_kind = models.CharField(max_length=8, choices=PayeeKind.choices)
    payee_name = models.CharField(max_length=60)
    payee_account = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    status_reason = models.CharField(max_length=500, blank=True)
    applied_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)

    objects = FarmerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="VERIFIED") | Q(verified_at__isnull=False), name="farmer_verified_has_time"
            ),
            models.CheckConstraint(condition=Q(shows_name=True) ^ ~Q(own_name=""), name="farmer_keeps_own_name"),
        ]
        indexes = [
            models.Index(fields=["applied_at"], condition=Q(status="WAITING"), name="farmer_waiting"),
            models.Index(fields=["county", "status"], name="farmer_by_county"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="farmer_payee_as_changed",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("payee_kind", "payee_name", "payee_account"),
                condition=pgtrigger.Condition(
                    "OLD.status IN ('VERIFIED', 'SUSPENDED') AND (OLD.payee_kind, OLD.payee_name, OLD.payee_account)"
                    " IS DISTINCT FROM (NEW.payee_kind, NEW.payee_name, NEW.payee_account)"
                ),
                func=_PAYEE_AS_CHANGED,
            ),
        ]

    def __str__(self) -> str:
        return self.known_as

    @property
    def known_as(self) -> str:
        """Their true name, for themselves and those who look after them; never for buyers."""
        return self.own_name or self.name

    @property
    def masked_payee_account(self) -> str:
        """The last four characters, for the farmer to recognise."""
        return f"****{self.payee_account[-4:]}"


class FarmerDocument(models.Model):
    """A paper a farmer chose to send (never required): in private storage, for moderators and the county's specialist."""

    farmer = models.ForeignKey(Farmer, models.CASCADE, related_name="documents")
    file = models.FileField(max_length=200, upload_to="documents/", storage=private_storage)
    media_type = models.CharField(max_length=40)
    original_name = models.CharField(max_length=120)
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"document {self.pk}"


class VerificationDecision(AppendOnly):
    """Who decided what about a farmer, when and why. Never changed."""

    class Verdict(models.TextChoices):
        VERIFY = "VERIFY", _("verified")
        REFUSE = "REFUSE", _("refused")
        SUSPEND = "SUSPEND", _("suspended")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="decisions")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        triggers = [*AppendOnly.Meta.triggers, not_about_ones_own("NEW.farmer_id")]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="verification_has_reason")]
        ordering = ["decided_at", "pk"]

    def __str__(self) -> str:
        return f"{self.verdict} {self.farmer_id}"


class PostingQuerySet(models.QuerySet["Posting"]):
    def current(self, today: date) -> "PostingQuerySet":
        """Those that hold on this day, the first and the last day included."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


def _just(field: str) -> Func:
    """The range that holds one id and nothing else: GiST compares those without an extension."""
    return Func(F(field), F(field), Value("[]"), function="int8range", output_field=BigIntegerRangeField())


_DAYS = Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange", output_field=DateRangeField())


class Posting(models.Model):
    """A specialist's assignment to a county, from and until (inclusive; open end: until told otherwise).

    A county may have several specialists at once; one specialist's postings to one county never overlap, so that ending
    one ends it.
    """

    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="postings")
    county = models.ForeignKey(County, models.PROTECT, related_name="postings")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="posting_ends_after_start"
            ),
            models.UniqueConstraint("specialist", "county", "starts_on", name="posting_once"),
            ExclusionConstraint(
                name="posting_does_not_overlap",
                expressions=[
                    (_just("specialist"), RangeOperators.OVERLAPS),
                    (_just("county"), RangeOperators.OVERLAPS),
                    (_DAYS, RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This specialist is posted to this county already on some of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialist} · {self.county}"
