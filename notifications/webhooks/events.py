"""What a program can hear of. Each goes to people who may read the thing by the API anyway, and carries ids and sums only."""

from django.utils.translation import gettext_lazy as _

VERSION = "2026-11-27"
PING = "ping"
EVENTS = {
    "order.placed": _("An order of yours was placed"),
    "order.paid": _("An order of yours was paid"),
    "parcel.to_pack": _("A parcel of yours is to be packed"),
    "parcel.posted": _("A parcel was posted"),
    "parcel.received": _("A parcel was received"),
    "parcel.cancelled": _("A parcel was cancelled"),
    "parcel.refused": _("A parcel to be paid on delivery was not taken"),
    "listing.approved": _("A listing of yours was approved"),
    "listing.changed": _("A listing of yours was changed or decided about"),
    "listing.sold_out": _("A listing of yours is sold out"),
    "claim.opened": _("A claim about a parcel was opened"),
    "claim.decided": _("A claim about a parcel has ended"),
    "payment.refunded": _("Money was given back"),
}
