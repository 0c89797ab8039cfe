"""What stands in each address of the site that has something in it, taken from the village. No entry: nothing in it."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tests.config.village import Village

HOOKS = ("detail", "test", "secret", "pause", "resume", "remove")

IN: dict[str, Callable[[Village], list[Any]]] = {
    "marketplace:produce_detail": lambda v: [v.live.produce.slug],
    "marketplace:county_detail": lambda v: [v.live.county.slug],
    "marketplace:storefront_detail": lambda v: [v.storefront.slug],
    "marketplace:listing_detail": lambda v: [v.live.pk],
    "marketplace:wish_delete": lambda v: [v.wish.pk],
    "marketplace:lot_trace": lambda v: [v.lot.trace_code],
    "marketplace:lot_qr": lambda v: [v.lot.trace_code],
    "marketplace:sitemap_section": lambda v: ["listings"],
    "marketplace:listing_edit": lambda v: [v.live.pk],
    "marketplace:sell_change": lambda v: [v.live.pk],
    "marketplace:sell_photos": lambda v: [v.draft.pk],
    "marketplace:sell_pack": lambda v: [v.draft.pk],
    "marketplace:sell_harvest": lambda v: [v.draft.pk],
    "marketplace:sell_check": lambda v: [v.draft.pk],
    "marketplace:sell_discard": lambda v: [v.draft.pk],
    "marketplace:listing_price": lambda v: [v.live.pk],
    "marketplace:listing_pause": lambda v: [v.live.pk],
    "marketplace:listing_resume": lambda v: [v.live.pk],
    "marketplace:listing_repeat": lambda v: [v.live.pk],
    "marketplace:lot_create": lambda v: [v.live.pk],
    "marketplace:lot_stock": lambda v: [v.lot.pk],
    "marketplace:lot_picked": lambda v: [v.presale.pk],
    "marketplace:lot_close": lambda v: [v.lot.pk],
    "marketplace:sheet_detail": lambda v: [v.sheet.pk],
    "marketplace:sheet_confirm": lambda v: [v.sheet.pk],
    "marketplace:sheet_drop": lambda v: [v.sheet.pk],
    "marketplace:sheet_template": lambda v: ["xlsx"],
    "marketplace:sheet_export": lambda v: ["csv"],
    "marketplace:photo_status": lambda v: [v.photo.key],
    "marketplace:photo_copy": lambda v: [v.unseen.key, 320],
    "marketplace:moderation_revision": lambda v: [v.waiting.pk],
    "marketplace:moderation_decide": lambda v: [v.waiting.pk],
    "marketplace:moderation_storefront": lambda v: [v.storefront.pk],
    "marketplace:listing_take_down": lambda v: [v.live.pk],
    "marketplace:listing_put_back": lambda v: [v.live.pk],
    "orders:cart_add": lambda v: [v.live.pk],
    "orders:cart_change": lambda v: [v.line.pk],
    "orders:order_detail": lambda v: [v.unpaid.number],
    "orders:order_again": lambda v: [v.unpaid.number],
    "orders:parcel_receive": lambda v: [v.on_the_way.number],
    "orders:review_create": lambda v: [v.received.number, v.received.lines.get().listing_id],
    "orders:parcel_detail": lambda v: [v.to_pack.number],
    "orders:parcel_post": lambda v: [v.to_pack.number],
    "orders:review_decide": lambda v: [v.review.pk],
    "payments:pay": lambda v: [v.unpaid.number],
    "payments:returned": lambda v: [v.unpaid.number],
    "payments:parcel_cancel": lambda v: [v.to_pack.number],
    "payments:claim_detail": lambda v: [v.claim.parcel.number],
    "payments:claim_create": lambda v: [v.received.number],
    "payments:claim_agree": lambda v: [v.claim.pk],
    "payments:claim_dispute": lambda v: [v.claim.pk],
    "payments:claim_accept": lambda v: [v.claim.pk],
    "payments:claim_withdraw": lambda v: [v.claim.pk],
    "payments:claim_photo": lambda v: [v.claim.photo_places.get().pk, 320],
    "payments:claim_decide": lambda v: [v.claim.pk],
    "payments:notify": lambda v: ["sandbox"],
    "payments:sandbox_cashier": lambda v: [v.trade.token],
    "accounts:address_edit": lambda v: [v.address.pk],
    "accounts:address_delete": lambda v: [v.address.pk],
    "accounts:address_default": lambda v: [v.spare.pk],
    "accounts:document_remove": lambda v: [v.paper.pk],
    "accounts:farmer_document": lambda v: [v.paper.pk],
    "accounts:tie_declare": lambda v: [v.farmer.pk],
    "accounts:verification_decide": lambda v: [v.farmer.pk],
    "accounts:token_revoke": lambda v: [v.token.pk],
    **{f"notifications:webhook_{what}": lambda v: [v.hook.pk] for what in HOOKS},
    "notifications:webhook_replay": lambda v: [v.sent.pk],
    "notifications:open": lambda v: [v.told.pk],
    "notifications:device_remove": lambda v: [v.device.pk],
    "notifications:aliyun_reports": lambda v: ["a-guess-at-the-secret"],
    "language": lambda v: ["en"],
    "media": lambda v: [v.photo.path(320)],
}


def address_of(name: str, village: Village) -> str:
    """The path of a named address, with the village's own record in it."""
    return reverse(name, args=IN[name](village) if name in IN else [])
