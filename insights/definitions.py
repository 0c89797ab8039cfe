"""What each public figure means, in the words that stand beside it. A change of meaning gets a new version and a new date.

A figure without a definition here can't be shown: templates and downloads look it up by name.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FIRST = date(2026, 11, 27)


@dataclass(frozen=True)
class Definition:
    """`says` is a whole sentence or two for everybody; `version` counts up from 1, and holds since a day."""

    name: str
    title: Any
    says: Any
    version: int = 1
    since: date = FIRST

    @property
    def label(self) -> str:
        """ "sold.1": as downloads and the API name it."""
        return f"{self.name}.{self.version}"


ALL = (
    Definition(
        "sold",
        pgettext_lazy("figures", "Sold"),
        _(
            "What buyers paid for goods, without postage, less what went back to them. It counts on the day of the payment;"
            " a refund, however late, is taken from that day."
        ),
    ),
    Definition(
        "kept",
        _("Kept by farmers"),
        _(
            "What farms keep of it after all shares and refunds, by the ledger: paid out already, or theirs and still with"
            " the payment provider."
        ),
    ),
    Definition(
        "paid",
        _("Really paid to farmers"),
        _(
            "The part of it that has reached farms: in payouts that the bank confirmed, or straight from buyers, as farmers"
            " confirmed. What is only ordered or on its way is not in it."
        ),
    ),
    Definition("weight", _("Weight"), _("Of the boxes sold; a box that went back whole doesn't count.")),
    Definition("boxes", _("Boxes"), _("Packs sold; one that went back whole doesn't count.")),
    Definition("orders", _("Orders"), _("Orders that were paid, also those that were cancelled afterwards.")),
    Definition(
        "households",
        _("Farms that sold"),
        _(
            "Households and cooperatives that sold something in the calendar year, as far as its months are public, beside"
            " all verified farms there are today. People are counted by calendar year only."
        ),
    ),
    Definition(
        "counties",
        _("Counties selling"),
        _("Counties of the 832 from which something was sold, in the month in which they were most."),
    ),
    Definition(
        "women",
        _("Women-led farms"),
        _("Their part of what was sold: farms that say today that a woman runs them."),
    ),
    Definition(
        "growth",
        _("Against the year before"),
        _(
            "What was sold, against the same months of the year before; said only where something was sold in each of those."
        ),
    ),
    Definition(
        "returning",
        _("Buyers who came back"),
        _("Of the year's buyers of the county, those who bought there on more than one day."),
    ),
    Definition(
        "price",
        _("Price of a kilogram"),
        _("What was sold divided by its weight. The range is that of counties' averages, not of single farms."),
    ),
    Definition(
        "income",
        _("Income per farm"),
        _(
            "What farms of a county kept in the calendar year, divided by the farms that sold: over the months of the county"
            " that are public."
        ),
    ),
    Definition(
        "came",
        _("Came in for a programme"),
        _(
            "What a programme of the fund was given, rounding up at the checkout included, and what the fund allotted to it,"
            " less what went back to givers; by the ledger, from its beginning until now."
        ),
    ),
    Definition(
        "granted",
        _("Granted"),
        _("What of it was paid out in grants, each by two people and with evidence, less what came back."),
    ),
    Definition(
        "reached",
        _("People reached"),
        _("As the reports on its grants count them, without names; fewer than five together are not spoken of."),
    ),
    Definition(
        "withheld",
        _("Withheld"),
        _(
            "A group is spoken of only where at least five farms sold and five buyers bought, in each month. Smaller ones are"
            " in the figures of the whole country only. The running month is public as a whole only."
        ),
    ),
)
BY_NAME = {each.name: each for each in ALL}
