"""What kinds have in common for the person told: the group they can switch off, and whether a message can wait.

A kind belongs to the group of the longest prefix of its name in GROUPS. One that nobody has sorted belongs to "other".
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.kinds import SIGN_IN_CODE


class Group(StrEnum):
    """Kinds that people switch on and off together."""

    CODES = "CODES"
    MONEY = "MONEY"
    PACKING = "PACKING"
    ACCOUNT = "ACCOUNT"
    ORDERS = "ORDERS"
    SHOP = "SHOP"
    OTHER = "OTHER"


@dataclass(frozen=True)
class About:
    """What a group is, in words; `must` can't be switched off entirely; `private` shows no title on a locked screen."""

    title: str | Promise
    hint: str | Promise
    must: bool = False
    private: bool = False


ABOUT: dict[Group, About] = {
    Group.MONEY: About(_("Money"), _("Payments, refunds, claims, what you are paid."), must=True, private=True),
    Group.PACKING: About(
        _("Parcels to pack"), _("What you sold and have to post, or must not post any more."), must=True
    ),
    Group.ACCOUNT: About(
        _("Safety and your account"), _("Your account, and listings taken down."), must=True, private=True
    ),
    Group.ORDERS: About(_("What you bought"), _("On its way, late, arrived.")),
    Group.SHOP: About(_("Your listings and your shop page"), _("Looked at, on sale, reviewed.")),
    Group.OTHER: About(_("Everything else"), _("What fits nowhere above.")),
}

GROUPS: dict[str, Group] = {
    SIGN_IN_CODE: Group.CODES,
    "wish_": Group.OTHER,
    "course_": Group.SHOP,
    "broadcast_stopped": Group.ACCOUNT,
    "comment_removed": Group.ACCOUNT,
    "order_": Group.ORDERS,
    "order_paid": Group.MONEY,
    "payment_": Group.MONEY,
    "refund_": Group.MONEY,
    "payout_": Group.MONEY,
    "payee_": Group.ACCOUNT,
    "contact_": Group.ACCOUNT,
    "offline_": Group.MONEY,
    "on_delivery_": Group.MONEY,
    "claim_": Group.MONEY,
    "parcel_": Group.ORDERS,
    "parcel_settled": Group.MONEY,
    "parcel_to_pack": Group.PACKING,
    "pick_list": Group.PACKING,
    "parcel_post_reminder": Group.PACKING,
    "parcel_late": Group.PACKING,
    "parcel_late/buyer": Group.ORDERS,
    "parcel_refused/farmer": Group.PACKING,
    "parcel_cancelled": Group.PACKING,
    "parcel_cancelled/buyer": Group.MONEY,
    "farmer_": Group.ACCOUNT,
    "consent_": Group.ACCOUNT,
    "done_for_you": Group.ACCOUNT,
    "posting_": Group.ACCOUNT,
    "farmer_applied": Group.OTHER,
    "recovery_waits": Group.OTHER,
    "listing_taken_down": Group.ACCOUNT,
    "listing_": Group.SHOP,
    "revision_": Group.SHOP,
    "storefront_": Group.SHOP,
    "review_": Group.SHOP,
}

#: Told at any hour, and never held back to be told together with others.
URGENT = (
    "parcel_cancelled/farmer",
    "farmer_suspended",
    "listing_taken_down",
    "payee_change",
    "payee_code",
    "contact_changed",
    "contact_recovery",
)

#: News after which older news about the same thing is no longer sent: {newer: what it replaces}. The list keeps both.
REPLACES: dict[str, tuple[str, ...]] = {
    "parcel_cancelled": ("parcel_to_pack", "parcel_post_reminder", "parcel_late"),
    "claim_withdrawn": ("claim_opened",),
    "parcel_refused": ("on_delivery_ask",),
}


def named(kind: str, audience: str = "") -> str:
    """A kind's full name: with the audience where the same thing is told to several."""
    return f"{kind}/{audience}" if audience else kind


def group_of(kind: str, audience: str = "") -> Group:
    """The group that a kind belongs to, as told to `audience` ("buyer", "farmer" or nobody in particular)."""
    name = named(kind, audience)
    known = [prefix for prefix in GROUPS if name.startswith(prefix)]
    return GROUPS[max(known, key=len)] if known else Group.OTHER


def is_urgent(kind: str, audience: str = "") -> bool:
    """Whether it passes quiet hours: sign-in codes, and what does harm when it is read too late."""
    return kind == SIGN_IN_CODE or named(kind, audience).startswith(URGENT)


def replaced_by(kind: str) -> list[str]:
    """The kinds whose arrival about the same thing makes an unsent `kind` pointless."""
    return [newer for newer, older in REPLACES.items() if kind in older]
