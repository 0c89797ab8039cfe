"""Roll up what changed, then put out what moved: the one call of the task and of the command."""

from datetime import datetime

from django.db import connection

from insights.services.publishing import count_farms, count_people, put_out, to_put_out
from insights.services.rolling_up import absorb_all, rebuild

READ_BY_A_REBUILD = (
    "accounts_farmer",
    "marketplace_listingrevision",
    "orders_order",
    "orders_orderline",
    "orders_parcel",
    "payments_account",
    "payments_entry",
    "payments_leg",
    "payments_payout",
)
WRITTEN_BY_A_REBUILD = ("insights_dayfigure", "insights_sale")


def keep_up(now: datetime) -> int:
    """Count all that has changed and put out the months it is in; how many those were."""
    absorb_all()
    months = to_put_out(now)
    for month in months:
        put_out(month, now)
    for year in sorted({month.year for month in months}):
        count_people(year)
    count_farms()
    return len(months)


def start_over(now: datetime) -> int:
    """Make everything anew from the ledger; how many months there are.

    What was written in bulk a moment ago autovacuum has not counted yet, and for tables that were empty when it last
    looked the planner chooses ways that take a quarter of an hour for some hundred orders: so they are counted first.
    """
    analyze(*READ_BY_A_REBUILD)
    rebuild()
    analyze(*WRITTEN_BY_A_REBUILD)
    return keep_up(now)


def analyze(*tables: str) -> None:
    """Let the planner know how large these are."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")
