"""Who works in which county today, asked where something is written."""

from datetime import datetime

from django.utils import timezone

from accounts.models import Posting, User
from common.errors import NotAllowed
from common.transactions import needs_transaction


@needs_transaction
def lock_posting(*, user: User, county_id: int, now: datetime) -> Posting:
    """The posting by which somebody works in a county today; it cannot end before this transaction does.

    A step. Raises NotAllowed for who is not posted there, or is blocked.
    """
    today = Posting.objects.current(timezone.localdate(now)).filter(specialist=user, specialist__is_active=True)
    posting = today.select_for_update(of=("self",), no_key=True).filter(county=county_id).first()
    if posting is None:
        raise NotAllowed
    return posting
