"""The five areas, the programmes in them, and how the sales' share and an area's money get to a programme. Money in fen."""

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import County
from accounts.models.places import LocalName, speaks_english
from common.signing import MOVES, State, TwoPeople, signed_for_good, two_people
from payments.models import Account, Entry


class Area(models.TextChoices):
    """What the fund is for. There are these five; money for one never becomes another's."""

    EDUCATION = "EDUCATION", _("education")
    HEALTH = "HEALTH", _("health")
    WOMEN = "WOMEN", _("women")
    ECOLOGY = "ECOLOGY", _("ecology")
    ECOMMERCE = "ECOMMERCE", _("e-commerce")


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def open(self, today: date) -> "ProgrammeQuerySet":
        """Those that take gifts on this day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), is_open=True, starts_on__lte=today)


# A programme's account in the ledger is its own, and carries its name.
_OWN_ACCOUNT = """
    IF NOT EXISTS (SELECT 1 FROM payments_account account WHERE account.id = NEW.account_id
                   AND account.kind = 'FUND_PROGRAMME' AND account.purpose = NEW.slug) THEN
        RAISE EXCEPTION 'account % is not of programme %', NEW.account_id, NEW.slug
            USING ERRCODE = 'check_violation', CONSTRAINT = 'programme_has_its_account';
    END IF;
    RETURN NEW;
"""


class Programme(LocalName):
    """A named use of the fund, in one area, for one county or the whole country. Its account holds what is there for it."""

    slug = models.SlugField(max_length=24, unique=True)
    area = models.CharField(max_length=10, choices=Area.choices)
    purpose_zh = models.CharField(max_length=300)
    purpose_en = models.CharField(max_length=500)
    county = models.ForeignKey(
        County, models.PROTECT, null=True, blank=True, related_name="programmes", help_text="Empty: all counties."
    )
    target_fen = models.PositiveIntegerField(null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    is_open = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, help_text="Made up, for trying the shop.")
    for_women_led = models.BooleanField(default=False, help_text="Its starter grants go to women-led farms alone.")
    account = models.OneToOneField(Account, models.PROTECT, related_name="programme")

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["area", "pk"]
        permissions = [("handle_fund", _("Can prepare, approve and follow grants of the fund"))]
        constraints = [
            models.CheckConstraint(condition=Q(area__in=Area.values), name="programme_area_is_one_of_five"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="programme_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(target_fen=None) | Q(target_fen__gt=0), name="programme_target_above_0"),
            models.CheckConstraint(
                condition=Q(for_women_led=False) | Q(area="WOMEN"), name="programme_for_women_in_its_area"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="programme_has_its_account", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_OWN_ACCOUNT
            ),
            # Money was given for this: it is not bent to something else afterwards.
            pgtrigger.ReadOnly(
                name="programme_terms_fixed",
                fields=[
                    "slug",
                    "area",
                    "purpose_zh",
                    "purpose_en",
                    "county",
                    "for_women_led",
                    "account",
                    "is_demo",
                ],
            ),
            pgtrigger.Protect(name="programme_never_deleted", operation=pgtrigger.Delete),
        ]

    @property
    def local_purpose(self) -> str:
        """What it is for, in the reader's language."""
        return self.purpose_en if speaks_english() else self.purpose_zh

    def takes_gifts(self, today: date) -> bool:
        """As `open()` says."""
        return self.is_open and self.starts_on <= today and (self.ends_on is None or self.ends_on >= today)


# To a programme only what is for its area; and the entry moves just that much, out of and into just these accounts.
_WHERE_IT_MAY = """
    IF NEW.to_programme_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM fund_programme WHERE id = NEW.to_programme_id AND area = NEW.area) THEN
        RAISE EXCEPTION 'allotment % leaves its area', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allotment_stays_in_its_area';
    END IF;
    IF NEW.entry_id IS NOT NULL AND (
        SELECT count(*) <> 2
            OR count(*) FILTER (WHERE leg.fen = NEW.amount_fen AND CASE WHEN NEW.from_area
                THEN account.kind = 'FUND_AREA' AND account.purpose = NEW.area ELSE account.kind = 'FUND' END) <> 1
            OR count(*) FILTER (WHERE leg.fen = -NEW.amount_fen AND CASE WHEN NEW.to_programme_id IS NULL
                THEN account.kind = 'FUND_AREA' AND account.purpose = NEW.area
                ELSE account.id = (SELECT account_id FROM fund_programme WHERE id = NEW.to_programme_id) END) <> 1
        FROM payments_leg leg JOIN payments_account account ON account.id = leg.account_id
        WHERE leg.entry_id = NEW.entry_id) THEN
        RAISE EXCEPTION 'allotment % is booked otherwise than approved', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allotment_booked_as_approved';
    END IF;
    RETURN NEW;
"""


# Whose yuan went from the area to its programme is on record, all of it.
_TRACED = """
    IF NEW.from_area AND (SELECT coalesce(sum(trace.fen), 0) FROM fund_trace trace
                          WHERE trace.entry_id = NEW.entry_id AND trace.fen > 0) <> NEW.amount_fen THEN
        RAISE EXCEPTION 'allotment % is not traced to what was given', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allotment_is_traced';
    END IF;
    RETURN NULL;
"""


class Allotment(TwoPeople):
    """Money of the fund is given a purpose: the sales' share to an area or a programme, an area's to one of its programmes.

    The sales' share has no area of its own: two people decide where it goes, and say why for everybody to read.
    """

    from_area = models.BooleanField(default=False, help_text="The area's own money; else the sales' share.")
    area = models.CharField(max_length=10, choices=Area.choices)
    to_programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="allotments",
        help_text="Empty: the area as such.",
    )
    amount_fen = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PREPARED)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="allotment")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            *two_people("allotment"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0) & ~Q(reason=""), name="allotment_says_how_much_and_why"
            ),
            models.CheckConstraint(
                condition=Q(from_area=False) | Q(to_programme__isnull=False), name="allotment_of_an_area_to_a_programme"
            ),
            models.CheckConstraint(condition=Q(state="APPROVED") ^ Q(entry=None), name="allotment_approved_is_booked"),
        ]
        triggers = [
            *signed_for_good("allotment", "from_area", "area", "to_programme", "amount_fen", "reason"),
            pgtrigger.FSM(name="allotment_moves", field="state", transitions=MOVES),
            pgtrigger.Trigger(
                name="allotment_where_it_may",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_WHERE_IT_MAY,
            ),
            pgtrigger.Trigger(
                name="allotment_is_traced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__entry__isnull=False),
                func=_TRACED,
            ),
        ]

    def __str__(self) -> str:
        return f"allotment {self.pk}"
