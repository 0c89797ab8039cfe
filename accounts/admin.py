"""Accounts in the administration: to look things up, block people, give roles and post specialists.

Farmers are decided about on their own page, where the reason goes on record.
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.models import County, Farmer, PayeeChange, Posting, Region, StaffAct, Tie, User, VerificationDecision
from accounts.recording import Recorded

TIMES = ["joined_at", "last_login"]


class LookOnly(ModelAdmin):
    """What is shown here is written elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(Recorded):
    """People come by signing in; here they are blocked, or given a role. A phone is found by typing all of it."""

    list_display = ["pk", "name", "masked_phone", "is_moderator", "is_staff", "is_active", "joined_at", "last_login"]
    list_filter = ["is_moderator", "is_staff", "is_active", "is_demo"]
    search_fields = ["=phone", "=email", "name"]
    fields = ["name", "masked_phone", "email", "language", "is_active", "is_moderator", "is_staff", "groups", *TIMES]
    readonly_fields = ["masked_phone", "email", *TIMES]
    filter_horizontal = ["groups"]
    ordering = ["-pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Who may use the administration, and for what, is for superusers to say."""
        return self.readonly_fields if request.user.is_superuser else [*self.readonly_fields, "is_staff", "groups"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Farmer)
class FarmerAdmin(LookOnly):
    list_display = ["name", "kind", "county", "status", "applied_at", "verified_at"]
    list_filter = ["status", "kind", "women_led"]
    list_select_related = ["county"]
    search_fields = ["name", "town", "county__name_zh", "county__name_en"]
    fields = [
        "name", "user", "kind", "county", "town", "village", "women_led", "registered_poor", "payee_kind", "payee_name",
        "masked_payee_account", "status", "status_reason", "applied_at", "verified_at", "decide",
    ]  # fmt: skip
    readonly_fields = ["masked_payee_account", "decide"]
    ordering = ["-applied_at"]

    @admin.display(description=_("Decide"))
    def decide(self, farmer: Farmer) -> str:
        url = reverse("accounts:verification_decide", args=[farmer.pk])
        return format_html('<a href="{}">{}</a>', url, _("To the record"))


@admin.register(VerificationDecision)
class VerificationDecisionAdmin(LookOnly):
    list_display = ["farmer", "verdict", "decided_by", "decided_at", "reason"]
    list_filter = ["verdict"]
    list_select_related = ["farmer", "decided_by"]
    ordering = ["-decided_at"]


@admin.register(PayeeChange)
class PayeeChangeAdmin(LookOnly):
    """Asked for and stopped on pages of their own; here to be looked up."""

    list_display = ["farmer", "payee_kind", "masked_payee_account", "state", "asked_at", "takes_effect_at", "ended_at"]
    list_filter = ["state"]
    list_select_related = ["farmer"]
    fields = [
        "farmer", "payee_kind", "payee_name", "masked_payee_account", "state", "asked_at", "takes_effect_at", "ended_at",
        "stopped_by", "reason",
    ]  # fmt: skip
    readonly_fields = ["masked_payee_account"]
    ordering = ["-pk"]


@admin.register(Posting)
class PostingAdmin(Recorded):
    """Which specialist works in which county, and when. The last day ends what they may see and do there.

    Postings are ended, not deleted: what was done under one stays explained.
    """

    list_display = ["specialist", "county", "starts_on", "ends_on"]
    list_filter = ["ends_on"]
    list_select_related = ["specialist", "county"]
    autocomplete_fields = ["specialist", "county"]
    ordering = ["-starts_on"]


@admin.register(Tie)
class TieAdmin(Recorded):
    """Which farmers are too close to somebody to be decided about by them."""

    list_display = ["user", "farmer", "note", "since"]
    list_select_related = ["user", "farmer"]
    autocomplete_fields = ["user", "farmer"]
    ordering = ["-since"]


@admin.register(StaffAct)
class StaffActAdmin(LookOnly):
    list_display = ["at", "actor", "kind", "about", "way", "ip", "reason"]
    list_filter = ["way", "kind"]
    list_select_related = ["actor"]
    search_fields = ["=about", "=kind", "actor__name"]
    ordering = ["-at", "-pk"]


@admin.register(County)
class CountyAdmin(LookOnly):
    list_display = ["list_no", "name_zh", "name_en", "prefecture_zh", "province", "year_lifted"]
    list_select_related = ["province"]
    search_fields = ["name_zh", "name_en", "slug", "prefecture_zh"]
    ordering = ["list_no"]


@admin.register(Region)
class RegionAdmin(LookOnly):
    list_display = ["code", "name_zh", "name_en", "level", "parent", "is_current"]
    list_filter = ["level", "is_current"]
    list_select_related = ["parent"]
    search_fields = ["=code", "name_zh", "name_en"]
