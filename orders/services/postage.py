"""Writing postage rates and zones."""

from collections.abc import Sequence

from common.transactions import use_case
from orders.models import PostageRate, PostageZone


@use_case
def add_missing(*, rates: Sequence[PostageRate], zones: Sequence[PostageZone]) -> None:
    """Add the rates and routes that are not there yet; leave every other as its operator set it."""
    PostageRate.objects.bulk_create(rates, ignore_conflicts=True)
    PostageZone.objects.bulk_create(zones, ignore_conflicts=True, batch_size=500)
