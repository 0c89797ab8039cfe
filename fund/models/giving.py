"""How a gift's giver wants to be named, whose yuan went where, and gifts given back. Money in fen."""

import pgtrigger
from django.db import models
from django.db.models import Q

from common.models import AppendOnly
from common.signing import MOVES, State, TwoPeople, signed_for_good, two_people
from payments.models import Account, Entry, Gift, Leg, Refund


class Donation(models.Model):
    """The donor's wishes about a gift: the name that everybody may read ("" none), and where the receipt goes.

    The e-mail address is for that receipt alone, and forgotten once it was sent.
    """

    gift = models.OneToOneField(Gift, models.PROTECT, primary_key=True, related_name="donation")
    shown_name = models.CharField(max_length=30, blank=True)
    receipt_name = models.CharField(max_length=60, blank=True, help_text="On the receipt alone.")
    email = models.EmailField(blank=True)
    english = models.BooleanField(default=False, help_text="The language of the receipt.")
    receipt_due_at = models.DateTimeField(null=True, blank=True)
    receipt_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(receipt_due_at=None) | ~Q(email=""), name="donation_receipt_has_an_address"
            )
        ]
        indexes = [
            models.Index(
                fields=["receipt_due_at"], condition=Q(receipt_due_at__isnull=False), name="donation_receipt_due"
            )
        ]

    def __str__(self) -> str:
        return f"donation {self.pk}"


# Of each account bound to a purpose that an entry moves, the traces say whose money that was: all of it, written at once.
# And nobody's yuan goes twice: the entry's leg holds the account, so those who take from it are counted one after the other.
_WHOLE = """
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT entry_id FROM written) AS entry
        JOIN payments_leg leg ON leg.entry_id = entry.entry_id
        JOIN payments_account account ON account.id = leg.account_id AND account.kind IN ('FUND_AREA', 'FUND_PROGRAMME')
        LEFT JOIN (SELECT entry_id, account_id, sum(fen) AS fen FROM fund_trace
                   WHERE entry_id IN (SELECT entry_id FROM written) GROUP BY entry_id, account_id) traced
            ON traced.entry_id = leg.entry_id AND traced.account_id = leg.account_id
        GROUP BY leg.entry_id, leg.account_id, traced.fen HAVING coalesce(traced.fen, 0) <> -sum(leg.fen)
    ) OR EXISTS (
        SELECT 1 FROM written WHERE NOT EXISTS (
            SELECT 1 FROM payments_leg leg WHERE leg.entry_id = written.entry_id AND leg.account_id = written.account_id)
    ) THEN
        RAISE EXCEPTION 'traces that do not add up to their entries'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'trace_whole';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT account_id, origin_id FROM written WHERE fen < 0) taken
        JOIN payments_leg leg ON leg.id = taken.origin_id
        JOIN LATERAL (SELECT sum(fen) AS fen FROM fund_trace trace
                      WHERE trace.account_id = taken.account_id AND trace.origin_id = taken.origin_id) moved ON true
        WHERE moved.fen + CASE WHEN leg.account_id = taken.account_id THEN -leg.fen ELSE 0 END < 0
    ) THEN
        RAISE EXCEPTION 'more went on than came in'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'trace_within_origin';
    END IF;
    RETURN NULL;
"""


class Trace(AppendOnly):
    """`fen` of one gift (or rounding up, or allotted share) came into (plus) or left (minus) an account by an entry.

    `origin` is the leg by which it first became bound money. First in, first out; see fund/services/tracing.py.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="traces")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    origin = models.ForeignKey(Leg, models.PROTECT, related_name="traces")
    fen = models.BigIntegerField()

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("entry", "account", "origin", name="trace_once"),
            models.CheckConstraint(condition=~Q(fen=0), name="trace_moves_something"),
        ]
        indexes = [models.Index(fields=["account", "origin"], include=["fen"], name="trace_by_account")]
        triggers = [
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="trace_whole",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="written"),
                func=_WHOLE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin_id}: {self.fen}"


class GiftReturn(TwoPeople):
    """What is left of a gift goes back to its giver: prepared by one person, approved by another. Never what was granted."""

    gift = models.ForeignKey(Gift, models.PROTECT, related_name="returns")
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PREPARED)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="gift_return")
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="gift_return")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            *two_people("gift_return"),
            models.CheckConstraint(condition=~Q(reason=""), name="gift_return_says_why"),
            models.UniqueConstraint("gift", condition=~Q(state="DROPPED"), name="gift_return_once"),
            models.CheckConstraint(
                condition=Q(state="APPROVED", entry__isnull=False, refund__isnull=False)
                | ~Q(state="APPROVED") & Q(entry=None, refund=None),
                name="gift_return_approved_is_booked",
            ),
        ]
        triggers = [
            *signed_for_good("gift_return", "gift", "reason"),
            pgtrigger.FSM(name="gift_return_moves", field="state", transitions=MOVES),
        ]

    def __str__(self) -> str:
        return f"return of gift {self.gift_id}"
