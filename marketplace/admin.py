"""The shop window in the administration: to look things up. What changes is changed by services, with a reason on record."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin import LookOnly
from accounts.http import signed_in
from common.errors import DomainError
from marketplace.models import Hold, Listing, ListingRevision, Lot, ModerationDecision, Photo, Produce, Storefront
from marketplace.services import moderation


@admin.register(Produce)
class ProduceAdmin(LookOnly):
    list_display = ["name_zh", "name_en", "parent", "shelf_life_days", "cold"]
    list_filter = ["cold"]
    list_select_related = ["parent"]
    search_fields = ["name_zh", "name_en", "slug"]


@admin.register(Listing)
class ListingAdmin(LookOnly):
    """Taking down needs a reason, so it has a page; putting back can be done here for many at once."""

    list_display = ["pk", "produce", "farmer", "county", "status", "price_fen", "pack_grams", "live_since", "desk"]
    list_filter = ["status"]
    list_select_related = ["produce", "farmer", "county"]
    search_fields = ["=pk", "farmer__name", "produce__name_zh", "produce__name_en"]
    ordering = ["-pk"]
    actions = ["put_back"]
    exclude = ["search_vector"]

    @admin.display(description=_("Take down or put back"))
    def desk(self, listing: Listing) -> str:
        if listing.approved_revision_id is None:
            return ""
        return format_html(
            '<a href="{}">{}</a>', reverse("marketplace:listing_take_down", args=[listing.pk]), _("Open")
        )

    @admin.action(description=_("Put back what was taken down"))
    def put_back(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        for listing in queryset:
            try:
                moderation.put_back(listing_id=listing.pk, moderator=signed_in(request), reason="", now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{listing}: {error}", messages.ERROR)


@admin.register(ListingRevision)
class ListingRevisionAdmin(LookOnly):
    list_display = ["listing", "number", "status", "produce", "price_fen", "submitted_at", "desk"]
    list_filter = ["status"]
    list_select_related = ["listing", "produce"]
    ordering = ["-pk"]

    @admin.display(description=_("Decide"))
    def desk(self, revision: ListingRevision) -> str:
        if revision.status == ListingRevision.Status.DRAFT:
            return ""
        return format_html(
            '<a href="{}">{}</a>', reverse("marketplace:moderation_revision", args=[revision.pk]), _("Open")
        )


@admin.register(Lot)
class LotAdmin(LookOnly):
    list_display = ["trace_code", "listing", "harvested", "sold", "held", "left", "picked_on", "closed_at"]
    list_select_related = ["listing"]
    search_fields = ["=trace_code", "=listing__pk"]
    ordering = ["-pk"]


@admin.register(Hold)
class HoldAdmin(LookOnly):
    list_display = ["order_number", "lot", "packs", "status", "expires_at"]
    list_filter = ["status"]
    list_select_related = ["lot"]
    search_fields = ["=order_number", "=lot__trace_code"]
    ordering = ["-pk"]


@admin.register(Storefront)
class StorefrontAdmin(LookOnly):
    list_display = ["slug", "farmer", "rating", "proposed_at", "created_at"]
    list_select_related = ["farmer"]
    search_fields = ["slug", "farmer__name"]


@admin.register(Photo)
class PhotoAdmin(LookOnly):
    list_display = ["pk", "uploaded_by", "status", "width", "height", "attempts", "uploaded_at"]
    list_filter = ["status"]
    list_select_related = ["uploaded_by"]
    exclude = ["original"]
    ordering = ["-pk"]


@admin.register(ModerationDecision)
class ModerationDecisionAdmin(LookOnly):
    list_display = ["decided_at", "verdict", "listing", "storefront", "decided_by", "reason"]
    list_filter = ["verdict"]
    list_select_related = ["listing", "storefront", "decided_by"]
    ordering = ["-decided_at"]
