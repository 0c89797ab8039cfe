"""What things of the fund are called, for people to read."""

from fund.models import Area
from payments.models import Account


def purpose_name(account: Account) -> str:
    """What an account's money is for: the programme's name, or the area's, in the reader's language."""
    programme = getattr(account, "programme", None)
    return programme.local_name if programme else str(Area(account.purpose).label)


def purpose_slug(account: Account) -> str:
    """The same, as addresses say it."""
    return account.purpose.lower()
