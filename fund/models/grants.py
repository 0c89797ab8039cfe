"""Grants: prepared by one person, approved by another, paid with evidence, reported on; to whom they go. Money in fen."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from accounts.models.closeness import not_about_ones_own
from common.models import AppendOnly
from common.signing import TwoPeople, signed_for_good, two_people
from common.storage import private_storage
from fund.models.programmes import Programme
from marketplace.models import Photo
from payments.models import Entry


class Payee(models.Model):
    """Whom grants can go to: an organisation with an account, or a farmer, whose own verified account it is then.

    The account is for those who pay alone. A payee is not changed: another one is made, and this one closed.
    """

    class Kind(models.TextChoices):
        SCHOOL = "SCHOOL", _("school")
        CLINIC = "CLINIC", _("clinic")
        COOPERATIVE = "COOPERATIVE", _("cooperative")
        SUPPLIER = "SUPPLIER", _("supplier")
        OTHER = "OTHER", _("another organisation")
        FARMER = "FARMER", _("farmer")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=60, help_text="As everybody may read it; a farmer's is never shown.")
    account_kind = models.CharField(max_length=8, choices=Farmer.PayeeKind.choices, blank=True)
    account_name = models.CharField(max_length=60, blank=True)
    account = models.CharField(max_length=64, blank=True)
    farmer = models.OneToOneField(Farmer, models.PROTECT, null=True, blank=True, related_name="grant_payee")
    is_open = models.BooleanField(default=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="FARMER", farmer__isnull=False, account="", account_name="", account_kind="")
                | ~Q(kind="FARMER") & Q(farmer=None) & ~Q(account="") & ~Q(account_name="") & ~Q(account_kind=""),
                name="payee_has_one_account",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="payee_terms_fixed", exclude=["is_open"]),
            pgtrigger.Protect(name="payee_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name


_FARMER = "SELECT farmer_id FROM fund_payee WHERE id = NEW.payee_id"
# What each state of a grant stands on: the entries that moved its money, just so much, and something that shows it.
_STANDS_ON = """
    IF NEW.reserved_entry_id IS NOT NULL AND (
        SELECT count(*) <> 2
            OR count(*) FILTER (WHERE leg.fen = NEW.amount_fen AND leg.account_id = programme.account_id) <> 1
            OR count(*) FILTER (WHERE leg.fen = -NEW.amount_fen AND account.kind = 'GRANT_DUE'
                                AND account.purpose = programme.slug) <> 1
        FROM payments_leg leg JOIN payments_account account ON account.id = leg.account_id
        CROSS JOIN (SELECT * FROM fund_programme WHERE id = NEW.programme_id) programme
        WHERE leg.entry_id = NEW.reserved_entry_id) THEN
        RAISE EXCEPTION 'grant % is not reserved as approved', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_reserved_as_approved';
    END IF;
    IF NEW.paid_entry_id IS NOT NULL AND (
        SELECT count(*) <> 2
            OR count(*) FILTER (WHERE leg.fen = NEW.amount_fen AND account.kind = 'GRANT_DUE') <> 1
            OR count(*) FILTER (WHERE leg.fen = -NEW.amount_fen AND account.kind = 'PROVIDER') <> 1
        FROM payments_leg leg JOIN payments_account account ON account.id = leg.account_id
        WHERE leg.entry_id = NEW.paid_entry_id) THEN
        RAISE EXCEPTION 'grant % is not paid as approved', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_paid_as_approved';
    END IF;
    IF NEW.state IN ('PAID', 'REPORTED', 'RETURNED')
        AND NOT EXISTS (SELECT 1 FROM fund_evidence WHERE grant_id = NEW.id) THEN
        RAISE EXCEPTION 'grant % without evidence', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_paid_with_evidence';
    END IF;
    RETURN NEW;
"""
# Whose yuan it was is on record, all of it, once it is approved; what came back is the same people's again.
_TRACED = """
    IF (SELECT coalesce(sum(-trace.fen), 0) FROM fund_trace trace
        JOIN fund_programme programme ON programme.id = NEW.programme_id AND programme.account_id = trace.account_id
        WHERE trace.entry_id = NEW.reserved_entry_id) <> NEW.amount_fen
       OR NEW.back_entry_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM fund_trace went
            FULL JOIN (SELECT * FROM fund_trace WHERE entry_id = NEW.back_entry_id) came ON came.origin_id = went.origin_id
            WHERE (went.entry_id = NEW.reserved_entry_id OR went.id IS NULL)
              AND coalesce(went.fen, 0) + coalesce(came.fen, 0) <> 0) THEN
        RAISE EXCEPTION 'grant % is not traced to what was given', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_is_traced';
    END IF;
    RETURN NULL;
"""
# A starter grant of a women's programme goes to a woman who leads her farm.
_WOMEN_LED = """
    IF EXISTS (SELECT 1 FROM fund_programme WHERE id = NEW.programme_id AND for_women_led) AND NOT EXISTS (
        SELECT 1 FROM fund_payee payee JOIN accounts_farmer farmer ON farmer.id = payee.farmer_id
        WHERE payee.id = NEW.payee_id AND farmer.women_led AND farmer.status = 'VERIFIED') AND NEW.is_starter THEN
        RAISE EXCEPTION 'starter grant % not to a women-led farm', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_starter_to_a_women_led_farm';
    END IF;
    RETURN NEW;
"""


class Grant(TwoPeople):
    """Money of one programme for one payee. Beneficiaries are counted, never named.

    PREPARED → APPROVED (its money is set aside) → PAID (with evidence) → REPORTED; what came back is RETURNED.
    The account it goes to is copied when it is prepared.
    """

    class State(models.TextChoices):
        PREPARED = "PREPARED", _("waits for a second person")
        APPROVED = "APPROVED", _("approved, to be paid")
        PAID = "PAID", _("paid, to be reported on")
        REPORTED = "REPORTED", _("reported on")
        RETURNED = "RETURNED", _("came back")
        DROPPED = "DROPPED", _("given up")

    GIVEN = (State.PAID, State.REPORTED)

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="grants")
    payee = models.ForeignKey(Payee, models.PROTECT, related_name="grants")
    is_starter = models.BooleanField(default=False, help_text="A start for one farm.")
    amount_fen = models.PositiveIntegerField()
    purpose = models.CharField(max_length=200, help_text="What it is for; everybody reads it. Name no person.")
    account_kind = models.CharField(max_length=8, choices=Farmer.PayeeKind.choices)
    account_name = models.CharField(max_length=60)
    account = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PREPARED)
    reserved_entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="grant_reserved")
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True, help_text="When the transfer was made.")
    paid_entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="grant_paid")
    report = models.TextField(max_length=2000, blank=True)
    beneficiaries = models.PositiveIntegerField(null=True, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    why_returned = models.CharField(max_length=300, blank=True)
    back_entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="grant_back")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            *two_people("grant"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0) & ~Q(purpose=""), name="grant_says_how_much_and_what_for"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, reserved_entry=None)
                | Q(approved_by__isnull=False, reserved_entry__isnull=False),
                name="grant_approved_is_reserved",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["PAID", "REPORTED", "RETURNED"], paid_by__isnull=False)
                & Q(paid_at__isnull=False, paid_on__isnull=False, paid_entry__isnull=False)
                | Q(state__in=["PREPARED", "APPROVED", "DROPPED"], paid_by=None, paid_at=None)
                & Q(paid_on=None, paid_entry=None),
                name="grant_paid_is_booked",
            ),
            models.CheckConstraint(
                condition=Q(report="", beneficiaries=None, reported_by=None, reported_at=None) & ~Q(state="REPORTED")
                | Q(state__in=["REPORTED", "RETURNED"], beneficiaries__isnull=False)
                & Q(reported_by__isnull=False, reported_at__isnull=False)
                & ~Q(report=""),
                name="grant_report_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="RETURNED", returned_by__isnull=False, returned_at__isnull=False)
                & ~Q(why_returned="")
                | ~Q(state="RETURNED") & Q(returned_by=None, returned_at=None, why_returned=""),
                name="grant_return_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(state="RETURNED", back_entry__isnull=False)
                | Q(state="DROPPED", approved_by__isnull=False, back_entry__isnull=False)
                | Q(state="DROPPED", approved_by=None, back_entry=None)
                | ~Q(state__in=["RETURNED", "DROPPED"]) & Q(back_entry=None),
                name="grant_that_came_back_is_booked",
            ),
        ]
        indexes = [models.Index(fields=["programme", "-id"], name="grant_by_programme")]
        triggers = [
            *signed_for_good(
                "grant",
                "programme",
                "payee",
                "is_starter",
                "amount_fen",
                "purpose",
                "account_kind",
                "account_name",
                "account",
            ),
            pgtrigger.FSM(
                name="grant_moves",
                field="state",
                transitions=[
                    ("PREPARED", "APPROVED"),
                    ("PREPARED", "DROPPED"),
                    ("APPROVED", "PAID"),
                    ("APPROVED", "DROPPED"),
                    ("PAID", "REPORTED"),
                    ("PAID", "RETURNED"),
                    ("REPORTED", "RETURNED"),
                ],
            ),
            pgtrigger.Trigger(
                name="grant_stands_on",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_STANDS_ON,
            ),
            pgtrigger.Trigger(
                name="grant_is_traced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__reserved_entry__isnull=False),
                func=_TRACED,
            ),
            pgtrigger.Trigger(
                name="grant_women_led", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_WOMEN_LED
            ),
            not_about_ones_own(_FARMER, "NEW.approved_by_id", on=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"

    @property
    def masked_account(self) -> str:
        """The last four characters, for people to recognise."""
        return f"****{self.account[-4:]}"

    @property
    def is_given(self) -> bool:
        """Whether it was paid and has not come back."""
        return self.state in self.GIVEN

    @property
    def public_payee(self) -> str:
        """To whom, as everybody may read it: a farmer is not named."""
        return str(_("a farm")) if self.payee.kind == Payee.Kind.FARMER else self.payee.name


class Evidence(AppendOnly):
    """What shows that a grant did what it was for: a paper or a photo, of a day. A paper is for staff alone."""

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="evidence")
    file = models.FileField(max_length=200, upload_to="evidence/", storage=private_storage, blank=True)
    media_type = models.CharField(max_length=40, blank=True)
    original_name = models.CharField(max_length=120, blank=True)
    photo = models.OneToOneField(Photo, models.PROTECT, null=True, blank=True, related_name="evidence")
    words = models.CharField(max_length=200, help_text="What it shows.")
    dated_on = models.DateField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(photo=None) & ~Q(file="") & ~Q(media_type="") | Q(photo__isnull=False, file=""),
                name="evidence_is_a_paper_or_a_photo",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="evidence_says_what_it_shows"),
        ]

    def __str__(self) -> str:
        return f"evidence {self.pk}"


# Who took a photo does not decide whether everybody sees it.
_BY_ANOTHER = """
    IF EXISTS (SELECT 1 FROM fund_evidence WHERE id = NEW.evidence_id
               AND (added_by_id = NEW.decided_by_id OR photo_id IS NULL)) THEN
        RAISE EXCEPTION 'evidence % is not theirs to decide', NEW.evidence_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'photo_decided_by_another';
    END IF;
    RETURN NEW;
"""


class PhotoDecision(AppendOnly):
    """A moderator looked at a grant's photo: everybody may see it from then on, or only those who handle the fund."""

    evidence = models.OneToOneField(Evidence, models.PROTECT, related_name="decision")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    is_shown = models.BooleanField()

    class Meta(AppendOnly.Meta):
        triggers = [
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="photo_decided_by_another", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_BY_ANOTHER
            ),
        ]

    def __str__(self) -> str:
        return f"decision on {self.evidence_id}"
