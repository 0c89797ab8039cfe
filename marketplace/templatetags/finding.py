"""What cards and shop pages need to say about a listing beyond its columns."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from marketplace.queries.shelves import NEW_FOR
from marketplace.shares import Shares, share_out

register = template.Library()


@register.filter
def is_new(live_since: datetime | None) -> bool:
    """Whether something has been on sale for a few days only."""
    return live_since is not None and timezone.now() - live_since < NEW_FOR


@register.filter
def stars(rating: float | None) -> SafeString | str:
    """ "★★★★☆ 4.2", with words for those who listen; "" without any rating."""
    if rating is None:
        return ""
    full = round(rating)
    return format_html(
        '<span class="stars" aria-hidden="true">{}{}</span> <span class="visually-hidden">{}</span><b>{}</b>',
        "★" * full,
        "☆" * (5 - full),
        gettext("Stars out of 5:"),
        f"{rating:.1f}",
    )


@register.simple_tag(takes_context=True)
def absolute(context: template.Context, address: str) -> str:
    """A photo's whole address, wherever photos are kept: for those who show a page elsewhere."""
    return context["request"].build_absolute_uri(address)


@register.filter
def season(months: list[int]) -> str:
    """ "November to February" for [11, 12, 1, 2]; months stand in the order of the season. "" without any."""
    if not months:
        return ""
    if len(months) == 12:
        return gettext("all year round")
    runs: list[list[int]] = []
    for month in months:
        if runs and month == runs[-1][-1] % 12 + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return gettext(", ").join(_months(run) for run in runs)


def _months(run: list[int]) -> str:
    first, last = str(MONTHS[run[0]]), str(MONTHS[run[-1]])
    return first if len(run) == 1 else gettext("%(first)s to %(last)s") % {"first": first, "last": last}


@register.inclusion_tag("marketplace/_shares.html")
def where_the_price_goes(price_fen: int, directly: str = "") -> dict[str, object]:
    """The farmer's, the fund's and the shop's part of a price, as an order placed now would freeze them.

    `directly`: "only" when buyers can only pay the farmer directly, whose is all of it then; "too" when they can choose.
    """
    shares = Shares(price_fen, platform_fen=0, fund_fen=0) if directly == "only" else share_out(price_fen)
    width = shares.farmer_fen * 100 // max(shares.total_fen, 1)
    return {"shares": shares, "width": width, "is_choice": directly == "too" and shares.farmer_fen < price_fen}
