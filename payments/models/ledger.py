"""The ledger: accounts, entries and their legs, in fen. What is written stays; what was wrong is reversed.

Signs: money that a provider holds for us counts plus, what we owe (to farmers, buyers, the fund) counts minus, so that
every entry and the whole ledger add up to nothing. The platform never has the money itself: the provider holds and splits
it, and these books mirror the provider's.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.models import NO_TRUNCATE, AppendOnly
from orders.models import OrderLine, Parcel
from payments.models.payments import Payment
from payments.models.payouts import Payout
from payments.models.refunds import Refund

# At COMMIT: the legs of an entry add up to nothing, and none was added to it later.
_BALANCED = """
    SELECT coalesce(sum(leg.fen), 0), count(*), entry.legs INTO total, written, announced
        FROM payments_entry entry LEFT JOIN payments_leg leg ON leg.entry_id = entry.id
        WHERE entry.id = {entry} GROUP BY entry.legs;
    IF total <> 0 OR written <> announced THEN
        RAISE EXCEPTION 'entry % has % of % legs, adding up to % fen', {entry}, written, announced, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
    END IF;
    RETURN NULL;
"""
#: Money of the fund that is for one thing only.
BOUND = ("FUND_AREA", "FUND_PROGRAMME", "GRANT_DUE")
# Whoever takes from bound money holds its account, so that two are counted one after the other; it never goes below
# nothing. The sales' share that is not bound yet may (a late refund takes from it), but nobody allots what is not there.
_NOT_BELOW_NOTHING = """
    SELECT kind INTO account_kind FROM payments_account WHERE id = NEW.account_id;
    IF account_kind IN ('FUND_AREA', 'FUND_PROGRAMME', 'GRANT_DUE') OR (account_kind = 'FUND' AND EXISTS (
            SELECT 1 FROM payments_entry entry WHERE entry.id = NEW.entry_id AND entry.kind = 'ALLOTTED')) THEN
        PERFORM 1 FROM payments_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
        SELECT coalesce(-sum(fen), 0) INTO balance FROM payments_leg WHERE account_id = NEW.account_id;
        IF balance < 0 THEN
            RAISE EXCEPTION 'account % of the fund has % fen too little', NEW.account_id, -balance
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_fund_not_below_nothing';
        END IF;
    END IF;
    RETURN NULL;
"""
_SUMS = [("total", "bigint"), ("written", "bigint"), ("announced", "bigint")]


class Account(models.Model):
    """One place where money is, or to whom it belongs. The name says both: `farmer:12:held`, `provider:sandbox`."""

    class Kind(models.TextChoices):
        PROVIDER = "PROVIDER", _("with the payment provider")
        FARMER_HELD = "FARMER_HELD", _("farmers', held until released")
        FARMER_DUE = "FARMER_DUE", _("farmers', to be paid out")
        FARMER_PAYOUT = "FARMER_PAYOUT", _("farmers', put into a payout")
        FARMER_DIRECT = "FARMER_DIRECT", _("farmers', paid to them directly")
        REFUND_DUE = "REFUND_DUE", _("owed back to buyers")
        PLATFORM_HELD = "PLATFORM_HELD", _("the platform's part, held")
        PLATFORM = "PLATFORM", _("the platform's part")
        FUND_HELD = "FUND_HELD", _("the fund's part, held")
        FUND = "FUND", _("the fund's part")
        ROUND_UP_HELD = "ROUND_UP_HELD", _("rounded up for the fund, held")
        FUND_AREA = "FUND_AREA", _("the fund's, for one area")
        FUND_PROGRAMME = "FUND_PROGRAMME", _("the fund's, for one programme")
        GRANT_DUE = "GRANT_DUE", _("granted, to be paid")
        LOSSES = "LOSSES", _("losses that the platform bears")
        COURIER = "COURIER", _("losses that couriers owe")
        SHARING = "SHARING", _("what rewards for sharing cost us")
        COUPONS = "COUPONS", _("coupons given and not used yet")

    name = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    farmer = models.ForeignKey(Farmer, models.PROTECT, null=True, blank=True, related_name="ledger_accounts")
    purpose = models.CharField(
        max_length=24, blank=True, db_default="", help_text="What the fund's money is bound to: an area or a programme."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "farmer", "kind", condition=Q(farmer__isnull=False), name="ledger_account_once_per_farmer"
            ),
            models.CheckConstraint(
                condition=Q(kind__startswith="FARMER", farmer__isnull=False)
                | ~Q(kind__startswith="FARMER") & Q(farmer=None),
                name="ledger_account_farmer_fits",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=BOUND) & ~Q(purpose="") | ~Q(kind__in=BOUND) & Q(purpose=""),
                name="ledger_account_purpose_fits",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete), NO_TRUNCATE]

    def __str__(self) -> str:
        return self.name


class Entry(AppendOnly):
    """One movement of money, whole or not at all. `ref` says what it is about and makes it happen once.

    `legs` is how many legs it has; none can join later. A wrong entry is not changed: another, in `reverses`, undoes it.
    """

    class Kind(models.TextChoices):
        PAID = "PAID", _("an order was paid")
        UNWANTED = "UNWANTED", _("paid too late or twice")
        POSTED = "POSTED", _("first part released: the parcel was posted")
        SETTLED = "SETTLED", _("rest released: the parcel was settled")
        REFUND = "REFUND", _("owed back to the buyer")
        REFUNDED = "REFUNDED", _("back with the buyer")
        BORNE = "BORNE", _("who bears what went back")
        PAYOUT = "PAYOUT", _("put into a payout")
        PAID_OUT = "PAID_OUT", _("paid out to the farmer")
        NOT_PAID = "NOT_PAID", _("a payout came back")
        REWARD = "REWARD", _("a reward for sharing")
        GIFT = "GIFT", _("a gift to the fund")
        ROUND_UP = "ROUND_UP", _("rounded up at checkout")
        ALLOTTED = "ALLOTTED", _("the sales' share, given a purpose")
        PASSED_ON = "PASSED_ON", _("from an area to one of its programmes")
        GRANTED = "GRANTED", _("a grant was approved")
        GRANT_PAID = "GRANT_PAID", _("a grant was paid")
        GRANT_BACK = "GRANT_BACK", _("a grant came back, or was not paid")
        GIFT_BACK = "GIFT_BACK", _("a gift goes back")
        REVERSAL = "REVERSAL", _("an entry undone")

    ref = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    booked_at = models.DateTimeField()
    legs = models.PositiveSmallIntegerField()
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="entries")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="entries")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="entries")
    payout = models.ForeignKey(Payout, models.PROTECT, null=True, blank=True, related_name="entries")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(legs__gte=2), name="ledger_entry_has_two_legs"),
            models.CheckConstraint(
                condition=Q(kind="REVERSAL", reverses__isnull=False, actor__isnull=False) & ~Q(reason="")
                | ~Q(kind="REVERSAL") & Q(reverses=None),
                name="ledger_reversal_is_signed",
            ),
        ]
        indexes = [models.Index(fields=["booked_at"], name="ledger_entry_by_time")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            NO_TRUNCATE,
            pgtrigger.Trigger(
                name="ledger_entry_balances",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                declare=_SUMS,
                func=_BALANCED.format(entry="NEW.id"),
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class Leg(AppendOnly):
    """One account's part of an entry (fen; never 0). `line` and `part` say which produce, and which part of its price."""

    class Part(models.TextChoices):
        GOODS = "GOODS", _("produce")
        POSTAGE = "POSTAGE", _("postage")

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="leg_rows")
    account = models.ForeignKey(Account, models.PROTECT, related_name="legs")
    fen = models.BigIntegerField()
    line = models.ForeignKey(OrderLine, models.PROTECT, null=True, blank=True, related_name="legs")
    part = models.CharField(max_length=8, choices=Part.choices, blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(fen=0), name="ledger_leg_moves_something"),
            models.CheckConstraint(condition=Q(line=None) ^ ~Q(part=""), name="ledger_leg_part_of_a_line"),
        ]
        indexes = [
            # An account's balance from the index alone.
            models.Index(fields=["account"], include=["fen"], name="ledger_leg_by_account"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            NO_TRUNCATE,
            pgtrigger.Trigger(
                name="ledger_leg_balances",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                declare=_SUMS,
                func=_BALANCED.format(entry="NEW.entry_id"),
            ),
            pgtrigger.Trigger(
                name="ledger_fund_not_below_nothing",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__fen__gt=0),
                declare=[("account_kind", "text"), ("balance", "bigint")],
                func=_NOT_BELOW_NOTHING,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.fen}"
