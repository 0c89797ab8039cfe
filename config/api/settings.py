"""Settings of the API: Django REST framework's, the schema's, and how often one may ask."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",  # first: its challenge is what a 401 carries
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["common.api.permissions.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.api.parsing.TextJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["common.api.throttles.PerMinute"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.Operation",
    "DEFAULT_PAGINATION_CLASS": None,
    "EXCEPTION_HANDLER": "common.api.problems.handle",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "NON_FIELD_ERRORS_KEY": "non_field_errors",
}

#: Requests per minute: of one person, or of one address for guests.
API_LIMITS = {
    "guest_read": 300,
    "guest_write": 60,
    "read": 600,
    "write": 120,
    "checkout": 20,
    "pay": 20,
    "upload": 60,
    "wrong_token": 20,
}
API_CLOSED_WITHOUT_CACHE = frozenset({"wrong_token"})

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Chushan",
    "VERSION": "1",
    "DESCRIPTION": (
        "Buy from farming households in China's 832 formerly poor counties, sell for them, and follow every box.\n\n"
        "Money is an integer number of fen (1/100 yuan, CNY), weight an integer number of grams, time UTC in ISO 8601. "
        "Refusals are problem details (RFC 9457) with a stable `code`. What moves stock or money needs an "
        "`Idempotency-Key`. docs/api.md has examples that run."
    ),
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
    "ENUM_NAME_OVERRIDES": {  # the same field name, other choices: each gets a name of its own that stays
        "OrderStatus": "orders.models.Order.Status",
        "ParcelState": "orders.models.Parcel.State",
        "ReviewStatus": "orders.models.Review.Status",
        "RefundStatus": "payments.models.Refund.Status",
        "RefundReason": "payments.models.Refund.Reason",
        "ClaimState": "payments.models.Claim.State",
        "GiftStatus": "payments.models.Gift.Status",
        "FundArea": "fund.models.Area",
        "ClaimKind": "payments.models.Claim.Kind",
        "FarmerStatus": "accounts.models.Farmer.Status",
        "FarmerKind": "accounts.models.Farmer.Kind",
        "PhotoStatus": "marketplace.models.Photo.Status",
        "ListingStatus": "marketplace.models.Listing.Status",
        "RevisionStatus": "marketplace.models.ListingRevision.Status",
        "ModerationVerdict": "marketplace.models.ModerationDecision.Verdict",
        "VerificationVerdict": "accounts.models.VerificationDecision.Verdict",
        "WebhookStatus": "notifications.models.WebhookSubscription.Status",
        "WebhookDeliveryStatus": "notifications.models.WebhookDelivery.Status",
        "ReportStatus": "marketplace.models.Report.Status",
        "ReportReason": "marketplace.models.Report.Reason",
        "AppealStatus": "marketplace.models.Appeal.Status",
        "RevisionVerdict": "marketplace.api.moderation.DECIDE",
    },
    "SORT_OPERATIONS": True,
    "PREPROCESSING_HOOKS": ["config.api.schema.only_v1"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.schema.closed_inputs",
    ],
}
