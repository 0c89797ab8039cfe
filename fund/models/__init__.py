"""What the fund stores beside the ledger: programmes, who gave, what was decided by whom, and whose yuan went where."""

from fund.models.giving import Donation, GiftReturn, Trace
from fund.models.grants import Evidence, Grant, Payee, PhotoDecision
from fund.models.programmes import Allotment, Area, Programme

__all__ = [
    "Allotment",
    "Area",
    "Donation",
    "Evidence",
    "GiftReturn",
    "Grant",
    "Payee",
    "PhotoDecision",
    "Programme",
    "Trace",
]
