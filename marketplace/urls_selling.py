"""Addresses of selling and moderation."""

from django.urls import path, re_path

from marketplace.views import listings, lots, moderation, photos, sell, sheets, storefronts

urlpatterns = [
    path("sell/new/", sell.start, name="sell_start"),
    path("sell/shop/", storefronts.edit, name="storefront_edit"),
    path("sell/listings/", listings.index, name="listing_list"),
    path("sell/listings/<int:pk>/", listings.manage, name="listing_edit"),
    path("sell/listings/<int:pk>/change/", sell.change, name="sell_change"),
    path("sell/listings/<int:pk>/photos/", sell.photos_and_produce, name="sell_photos"),
    path("sell/listings/<int:pk>/pack/", sell.pack, name="sell_pack"),
    path("sell/listings/<int:pk>/harvest/", sell.harvest, name="sell_harvest"),
    path("sell/listings/<int:pk>/check/", sell.check, name="sell_check"),
    path("sell/listings/<int:pk>/discard/", sell.discard, name="sell_discard"),
    path("sell/listings/<int:pk>/price/", listings.price, name="listing_price"),
    path("sell/listings/<int:pk>/pause/", listings.pause, name="listing_pause"),
    path("sell/listings/<int:pk>/resume/", listings.resume, name="listing_resume"),
    path("sell/listings/<int:pk>/repeat/", listings.repeat, name="listing_repeat"),
    path("sell/listings/<int:pk>/lots/new/", lots.create, name="lot_create"),
    path("sell/lots/<int:pk>/stock/", lots.stock, name="lot_stock"),
    path("sell/lots/<int:pk>/picked/", lots.picked, name="lot_picked"),
    path("sell/lots/<int:pk>/close/", lots.close, name="lot_close"),
    path("sell/sheets/", sheets.index, name="sheet_list"),
    path("sell/sheets/<int:pk>/", sheets.detail, name="sheet_detail"),
    path("sell/sheets/<int:pk>/confirm/", sheets.confirm, name="sheet_confirm"),
    path("sell/sheets/<int:pk>/drop/", sheets.drop, name="sheet_drop"),
    path("sell/sheets/photos/", sheets.photo_codes, name="sheet_photos"),
    re_path(r"^sell/sheets/template\.(?P<kind>csv|xlsx)$", sheets.template, name="sheet_template"),
    re_path(r"^sell/sheets/export\.(?P<kind>csv|xlsx)$", sheets.export, name="sheet_export"),
    path("photos/", photos.upload, name="photo_upload"),
    path("photos/<uuid:key>/<int:width>.webp", photos.copy, name="photo_copy"),
    path("photos/<uuid:key>/", photos.status, name="photo_status"),
    path("moderation/", moderation.queue, name="moderation_queue"),
    path("moderation/revisions/<int:pk>/", moderation.revision, name="moderation_revision"),
    path("moderation/revisions/<int:pk>/decide/", moderation.decide, name="moderation_decide"),
    path("moderation/storefronts/<int:pk>/", moderation.storefront, name="moderation_storefront"),
    path("moderation/listings/<int:pk>/take-down/", moderation.take_down, name="listing_take_down"),
    path("moderation/listings/<int:pk>/put-back/", moderation.put_back, name="listing_put_back"),
]
