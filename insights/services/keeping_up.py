"""Roll up what changed, then put out what moved: the one call of the task and of the command."""

from datetime import datetime

from insights.services.publishing import count_farms, count_people, put_out, to_put_out
from insights.services.rolling_up import absorb_all, rebuild


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
    """Make everything anew from the ledger; how many months there are."""
    rebuild()
    return keep_up(now)
