"""The admin: postage is set here; orders and parcels are only looked at, they move by their services."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from accounts.recording import Recorded
from orders.models import Order, OrderLine, Parcel, ParcelEvent, PostageRate, PostageZone


class ReadOnly:
    """Nothing here is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(PostageRate)
class PostageRateAdmin(Recorded):
    """Orders keep the postage they were placed with; a new rate is for new orders."""

    list_display = ("zone", "description", "first_kg_fen", "further_kg_fen", "days_min", "days_max")


@admin.register(PostageZone)
class PostageZoneAdmin(Recorded):
    list_display = ("origin", "destination", "rate")
    list_select_related = ("origin", "destination", "rate")
    list_filter = ("rate",)
    raw_id_fields = ("origin", "destination")


class OrderLineInline(ReadOnly, TabularInline):
    model = OrderLine
    fields = ("produce_zh", "pack_grams", "packs", "unit_price_fen", "total_fen", "lot")
    extra = 0


class ParcelEventInline(ReadOnly, TabularInline):
    model = ParcelEvent
    fields = ("event", "moved_from", "moved_to", "actor", "note", "happened_at")
    extra = 0


@admin.register(Order)
class OrderAdmin(ReadOnly, ModelAdmin):
    list_display = ("number", "status", "total_fen", "placed_at", "paid_at")
    list_filter = ("status",)
    search_fields = ("number",)
    date_hierarchy = "placed_at"


@admin.register(Parcel)
class ParcelAdmin(ReadOnly, ModelAdmin):
    list_display = ("number", "farmer", "state", "is_late", "post_by", "timer", "timer_at")
    list_select_related = ("farmer",)
    list_filter = ("state", "is_late")
    search_fields = ("number", "tracking_number", "farmer__name")
    inlines = (OrderLineInline, ParcelEventInline)
