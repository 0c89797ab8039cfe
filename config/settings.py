"""Every setting, read from the environment. Safe by default: only the embedded mode relaxes anything.

CHUSHAN_ENV is `embedded` (no DATABASE_URL: a shop on one machine, demo gateway allowed) or `production`.
"""

import json
import os
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import embedded
from config.api.settings import API_CLOSED_WITHOUT_CACHE, API_LIMITS, REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401
from config.beat import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """One setting from the environment, stripped."""
    return os.environ.get(name, default).strip()


def env_flag(name: str, default: bool = False) -> bool:
    """A yes/no setting: 1, true, yes and on are yes."""
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    """A comma-separated setting."""
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


# --- Where we are ---------------------------------------------------------------------------------------------------

CHUSHAN_ENV = env("CHUSHAN_ENV", "production" if env("DATABASE_URL") else "embedded")
EMBEDDED = CHUSHAN_ENV == "embedded"
DEBUG = env_flag("DEBUG")
SITE_URL = env("SITE_URL", f"http://localhost:{env('PORT', '8000')}" if EMBEDDED else "https://localhost")
DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / ".data")))

SECRET_KEY = env("SECRET_KEY") or (embedded.secret_key(BASE_DIR) if EMBEDDED else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be set in production.")

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "*" if EMBEDDED else "")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", "" if EMBEDDED else SITE_URL)

# --- What is installed ----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "django_htmx",
    "csp",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "common",
    "accounts",
    "notifications",
    "marketplace",
    "orders",
    "payments",
    "fund",
    "training",
    "live",
    "specialists",
    "insights",
    "field",
    "config",
]

MIDDLEWARE = [
    "config.watching.WatchMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.CallerMiddleware",
    "config.middleware.SafeAnswersMiddleware",
    "config.middleware.StaffNeedTotpMiddleware",
    "config.middleware.AdminContentPolicyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shop",
            ],
            "builtins": ["common.templatetags.chushan", "django.templatetags.i18n", "django.templatetags.static"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS += ["django.forms"]

# --- Data -----------------------------------------------------------------------------------------------------------

_endpoints = embedded.paths(BASE_DIR)
_database_options = {
    "connect_timeout": 5,
    "options": f"-c lock_timeout={env('DATABASE_LOCK_TIMEOUT', '5s')} "
    f"-c statement_timeout={env('DATABASE_STATEMENT_TIMEOUT', '15s')} -c idle_in_transaction_session_timeout=30s "
    # As on an SSD: at the default of 4 a search reads all listings rather than follow its index, six times as long.
    "-c random_page_cost=1.1 "
    # Nothing is ignored. Were that not said, each trigger of pgtrigger's would find it out by an error: 0.4 ms a row.
    "-c pgtrigger.ignore={}",
}
DATABASES: dict[str, dict[str, Any]]
if env("DATABASE_URL"):
    DATABASES = {"default": {**dj_database_url.parse(env("DATABASE_URL"))}}
else:
    DATABASES = {
        "default": {
            "HOST": _endpoints.database_host,
            "PORT": str(_endpoints.database_port),
            "USER": _endpoints.database_user,
            "NAME": env("DEV_DB_NAME", _endpoints.database_name),
        }
    }
DATABASES["default"].update(
    ENGINE="config.postgres",
    CONN_MAX_AGE=int(env("DATABASE_CONN_MAX_AGE", "60")),
    CONN_HEALTH_CHECKS=True,
    ATOMIC_REQUESTS=False,
    OPTIONS={**DATABASES["default"].get("OPTIONS", {}), **_database_options},  # the URL's own: sslmode, host
    TEST={"NAME": "test_chushan" + env("TEST_DB_SUFFIX")},
)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env("CACHE_URL") or _endpoints.cache_url,
        "KEY_PREFIX": env("CACHE_PREFIX", "chushan"),
        "TIMEOUT": 300,
        "OPTIONS": {"socket_timeout": 2},  # a frozen cache is an error soon, and nobody waits for it
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(days=60).total_seconds())

# --- Celery: a wake-up, never the truth (docs/consistency.md). A killed worker's task runs again within seconds --------

CELERY_BROKER_URL = env("BROKER_URL") or _endpoints.broker_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 150,  # longer than any task may run
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE

# --- People ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "accounts.password_rules.LongEnough"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "accounts:me"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "accounts.forms.sign_in.SignInForm",
    "confirm_login_code": "accounts.forms.sign_in.ConfirmCodeForm",
    "login": "accounts.forms.sign_in.PasswordSignInForm",
    "set_password": "accounts.forms.secrets.SetOwnPasswordForm",
    "change_password": "accounts.forms.secrets.ChangeOwnPasswordForm",
    "reauthenticate": "accounts.forms.secrets.ConfirmPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # nobody signs up here; allauth wants to hear of passwords
SILENCED_SYSTEM_CHECKS = ["account.W001"]  # either will do to sign in, so neither of the two is required by itself
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 4
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_VERIFICATION = "none"  # signing in by code is the verification
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
# How many proxies stand in front, each adding a visitor's address to X-Forwarded-For. Too few: everybody shares the
# proxy's rate limit. Too many: whoever sends the header chooses their own address.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("TRUSTED_PROXY_COUNT", "0" if EMBEDDED else "1"))
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "100/h/ip,1/m/key,5/h/key,10/d/key",
    "request_login_code_network": "300/h/key",  # a /24, or a /48 of IPv6: mobile networks put many people behind one
    "request_contact_code": "1/m/key,5/h/key,10/d/key",  # by person; and as often as any code for where it goes
    "request_payee_code": "5/h/key,10/d/key",  # by farmer; and one a minute, which the database counts
    "request_consent_code": "5/h/key,10/d/key",  # by farmer; and one a minute, which the database counts
    "request_price_code": "5/h/key,10/d/key",  # by farmer; and one a minute, which the database counts
    "open_invitation": "60/m/ip",
    "share_open": "120/m/ip",
    "share_poster": "30/m/ip",
    "open_gift": "60/h/ip",
    "sms_replies": "300/m/ip",
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
}
SIGN_IN_PHONE_REGIONS = env_list("SIGN_IN_PHONE_REGIONS", "CN,HK,MO,TW")  # texts to anywhere else cost and invite fraud
# Callables (user) that raise a DomainError with a `link` as long as something is to be done before a first broadcast.
BEFORE_FIRST_BROADCAST = ["training.services.learning.check_ready_to_broadcast"]
AFTER_SIGN_IN = ["orders.services.carts.merge_guest_cart"]  # callables (request, user), called after each sign-in
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.secrets.SecondStepForm",
    "reauthenticate": "accounts.forms.secrets.SecondStepAgainForm",
    "activate_totp": "accounts.forms.secrets.ActivateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Chushan"
STAFF_NEED_TOTP = env_flag("STAFF_NEED_TOTP", default=not EMBEDDED)

# --- Words ----------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "Asia/Shanghai"  # what people see; the database holds UTC

# --- Files ----------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(DATA_DIR / "media")))
PRIVATE_ROOT = Path(env("PRIVATE_ROOT", str(DATA_DIR / "private")))
WHITENOISE_USE_FINDERS = EMBEDDED
WHITENOISE_MAX_AGE = 3600

_s3 = {
    "bucket_name": env("S3_BUCKET"),
    "endpoint_url": env("S3_ENDPOINT_URL") or None,
    "access_key": env("S3_ACCESS_KEY"),
    "secret_key": env("S3_SECRET_KEY"),
    "querystring_auth": False,
    "custom_domain": env("S3_PUBLIC_DOMAIN") or None,
}
_local = "django.core.files.storage.FileSystemStorage"
STORAGES = {
    # Sanitised photos, readable by everyone.
    "default": (
        {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _s3} if env("S3_BUCKET") else {"BACKEND": _local}
    ),
    # Uploads as they came in and farmers' documents: never served by URL.
    "private": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                **_s3,
                "bucket_name": env("S3_PRIVATE_BUCKET"),
                "custom_domain": None,
                "querystring_auth": True,
            },
        }
        if env("S3_BUCKET")
        else {"BACKEND": _local, "OPTIONS": {"location": str(PRIVATE_ROOT), "base_url": None}}
    ),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if EMBEDDED
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
PHOTO_MAX_BYTES = 15 * 1024 * 1024
LESSON_VIDEO_MAX_BYTES = 90 * 1024 * 1024  # the proxy takes 100 MB
LESSON_VIDEO_MAX_SECONDS = 240
PHOTO_MAX_PIXELS = 40_000_000
PHOTO_WIDTHS = (320, 640, 1280)
PHOTO_MEMORY = 640 * 1024 * 1024  # what decoding one may take; a picture of the largest size allowed needs about half

# --- The shop's own rules -------------------------------------------------------------------------------------------

TIME_TO_PAY = timedelta(seconds=int(env("TIME_TO_PAY_SECONDS", "900")))
CLAIM_WINDOW = timedelta(hours=48)
CLAIM_ANSWER_TIME = timedelta(hours=48)
CLAIM_DECISION_TIME = timedelta(hours=72)  # a moderator decides within this after the farmer's time to answer
CLAIM_APPEAL_TIME = timedelta(days=7)  # after a claim ended
# A counted claim with photos is paid at once up to this (0: never), so many times for a buyer in the period.
CLAIMS_AT_ONCE_FEN = int(env("CLAIMS_AT_ONCE_FEN", "1000"))
CLAIMS_AT_ONCE_TIMES = int(env("CLAIMS_AT_ONCE_TIMES", "2"))
CLAIMS_AT_ONCE_PERIOD = timedelta(days=30)
AUTO_RECEIVE_AFTER = timedelta(days=10)
DAYS_TO_POST = 3
# When farmers are told what to pick and post, and until when they should say that they have seen it, in China's time.
PICK_LIST_SLOTS = {
    "MORNING": tuple(env("PICK_LIST_MORNING", "07:00-10:00").split("-")),
    "EVENING": tuple(env("PICK_LIST_EVENING", "18:00-20:30").split("-")),
}
PRICE_CHANGE_LIMIT_PERCENT = 30
PAGES_KEPT_SECONDS = int(env("PAGES_KEPT_SECONDS", "120"))  # public pages, made once for everybody; 0: never
# Parts of the price of goods, in basis points (100 = 1 %); an order keeps those of the moment it was placed.
PLATFORM_SHARE_BASIS_POINTS = int(env("PLATFORM_SHARE_BASIS_POINTS", "0"))
FUND_SHARE_BASIS_POINTS = int(env("FUND_SHARE_BASIS_POINTS", "100"))
# What a farmer may have as soon as a parcel is posted; the rest when it settles. 0 where the provider can't.
EARLY_RELEASE_PERCENT = int(env("EARLY_RELEASE_PERCENT", "70"))
PAYEE_CHANGE_WAIT = timedelta(days=float(env("PAYEE_CHANGE_WAIT_DAYS", "3")))  # before money goes to another account
# Somebody lost their number (docs/moderation.md): how long whoever has it can stop a change that two people of the shop make,
# and from then on no money goes to another account for a while.
NUMBER_RECOVERY_WAIT = timedelta(hours=float(env("NUMBER_RECOVERY_WAIT_HOURS", "24")))
PAYEE_WAIT_AFTER_RECOVERY = timedelta(days=float(env("PAYEE_WAIT_AFTER_RECOVERY_DAYS", "14")))
# Steps (parcel, event, now) that run in the transaction of every move of a parcel.
AFTER_PARCEL_MOVES = ["payments.services.releasing.follow_parcel", "orders.services.coupons.follow_parcel"]
# What can be shared, and who knows what is to be seen of it (docs/sharing.md).
SHARED_THINGS = {
    "LISTING": "marketplace.things.listings",
    "FARM": "marketplace.things.farms",
    "LIVE": "live.sharing.broadcasts",
}
# Steps (farmer, what, now) that run in the transaction in which a farmer says whether they may be shown; and who knows where.
AFTER_SHOWING_CHANGES = ["marketplace.services.showing.follow", "live.services.showing.follow"]
SHOWING_PLACES = ["marketplace.showing.in_the_shop", "live.sharing.places", "training.queries.places"]
SHARE_DAYS = int(env("SHARE_DAYS", "7"))  # so long an order is put down to the last shared link its buyer came by
SHARE_RING_DAYS = int(env("SHARE_RING_DAYS", "90"))  # who led each other within them earns nothing
# The part of the goods of a settled parcel that a sharer gets as a coupon or for the fund, in basis points; the shop's
# operator bears it. An order keeps that of the moment it was placed.
SHARE_REWARD_BASIS_POINTS = int(env("SHARE_REWARD_BASIS_POINTS", "100"))
AFTER_GIFTS = ["fund.services.giving.thank"]  # steps (gift, now) that run when one has arrived
ROUND_UP_CHOICES = "fund.queries.round_up_choices"  # (now): what a buyer may round up for, as (account, name)
FRAME_COUNTS = "config.context.counts"  # (request): boxes in the cart, news unread
WHY_UNPAYABLE = "payments.services.starting.why_unpayable"  # (farmer_ids, now): why a cart could not be paid, or ""
PAYMENT_GATEWAY = env(
    "PAYMENT_GATEWAY", "sandbox,offline,on_delivery" if EMBEDDED else ""
)  # one or more: "wechat,alipay"
# How long packs are kept for a buyer who says that they paid into the farmer's own code, until the farmer has looked.
OFFLINE_CONFIRM_TIME = timedelta(hours=float(env("OFFLINE_CONFIRM_HOURS", "24")))
# Paying on delivery, where a farmer offers it: for orders up to so much (fen), to buyers with fewer than so many such orders
# open, and fewer parcels not taken in so many days; what is unpaid so many days after posting stands on the finance page.
ON_DELIVERY_MOST_FEN = int(env("ON_DELIVERY_MOST_FEN", "30000"))
ON_DELIVERY_OPEN = int(env("ON_DELIVERY_OPEN", "2"))
ON_DELIVERY_REFUSALS = int(env("ON_DELIVERY_REFUSALS", "1"))
ON_DELIVERY_REFUSED_FOR = timedelta(days=float(env("ON_DELIVERY_REFUSED_DAYS", "180")))
ON_DELIVERY_UNPAID_AFTER = timedelta(days=float(env("ON_DELIVERY_UNPAID_DAYS", "20")))
WECHAT_MCH_ID = env("WECHAT_MCH_ID")
WECHAT_APP_ID = env("WECHAT_APP_ID")
WECHAT_API_KEY = env("WECHAT_API_KEY")  # the APIv3 key, 32 characters
WECHAT_CERTIFICATE_SERIAL = env("WECHAT_CERTIFICATE_SERIAL")
WECHAT_PRIVATE_KEY = env("WECHAT_PRIVATE_KEY")
WECHAT_PUBLIC_KEY_ID = env("WECHAT_PUBLIC_KEY_ID")  # theirs; or, for older merchants, platform certificates (PEM)
WECHAT_PUBLIC_KEY = env("WECHAT_PUBLIC_KEY")
WECHAT_PLATFORM_CERTIFICATES = env("WECHAT_PLATFORM_CERTIFICATES")
WECHAT_APP_SECRET = env("WECHAT_APP_SECRET")  # the service account's; without it nobody pays inside WeChat's browser
WECHAT_OPEN_URL = env("WECHAT_OPEN_URL", "https://open.weixin.qq.com").rstrip("/")
WECHAT_OPEN_API_URL = env("WECHAT_OPEN_API_URL", "https://api.weixin.qq.com").rstrip("/")
WECHAT_API_URL = env("WECHAT_API_URL", "https://api.mch.weixin.qq.com").rstrip("/")
ALIPAY_APP_ID = env("ALIPAY_APP_ID")
ALIPAY_SELLER_ID = env("ALIPAY_SELLER_ID")
ALIPAY_PRIVATE_KEY = env("ALIPAY_PRIVATE_KEY")
ALIPAY_PUBLIC_KEY = env("ALIPAY_PUBLIC_KEY")  # Alipay's, not ours
ALIPAY_GATEWAY_URL = env("ALIPAY_GATEWAY_URL", "https://openapi.alipay.com/gateway.do")
INTERNAL_URL = env("INTERNAL_URL")  # where the sandbox provider reaches the web process; empty: on this machine
SMS_BACKEND = env("SMS_BACKEND", "outbox" if EMBEDDED else "")
EMAIL_CHANNEL = env("EMAIL_CHANNEL", "outbox" if EMBEDDED else "smtp")
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "Chushan <noreply@localhost>")
SMS_DAILY_CAP = int(env("SMS_DAILY_CAP", "2000"))
SMS_ENDPOINT = env("SMS_ENDPOINT", "dysmsapi.aliyuncs.com")
SMS_ACCESS_KEY_ID = env("SMS_ACCESS_KEY_ID")
SMS_ACCESS_KEY_SECRET = env("SMS_ACCESS_KEY_SECRET")
SMS_SIGN_NAME = env("SMS_SIGN_NAME")
SMS_TEMPLATES: dict[str, Any] = json.loads(env("SMS_TEMPLATES") or "{}")
SMS_RECEIPT_TOKEN = env("SMS_RECEIPT_TOKEN")  # the secret end of the address that delivery reports come to
SMS_REPLY_TOKEN = env("SMS_REPLY_TOKEN")  # and of the one for what people text back; empty: nobody is asked to
SMS_REPLY_ANSWERS = "orders.services.replies.answer"  # (user, text, sent_at, now): what a reply answers, or ""
PUSH_PRIVATE_KEY = env("PUSH_PRIVATE_KEY")  # manage.py make_push_keys; empty: no notices on phones
PUSH_CONTACT = env("PUSH_CONTACT") or f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}"
PUSH_SERVICES = env_list("PUSH_SERVICES") or [
    "https://fcm.googleapis.com",
    "https://updates.push.services.mozilla.com",
    "https://*.push.apple.com",
    "https://*.notify.windows.com",
]
QUIET_HOURS = env("QUIET_HOURS", "" if EMBEDDED else "22:00-07:00")  # for whoever has chosen none of their own
# How long further news of a kind waits after one message, to be told in the next; 0: each by itself.
TELL_TOGETHER = timedelta(seconds=int(env("TELL_TOGETHER_SECONDS", "60" if EMBEDDED else "600")))

WEBHOOK_ALLOW_HTTP = EMBEDDED
WEBHOOK_ALLOWED_ADDRESSES = env_list("WEBHOOK_ALLOWED_ADDRESSES")  # called although they are not public, e.g. 127.0.0.1

# --- Broadcasts (docs/live.md) ----------------------------------------------------------------------------------------

LIVE_ENGINE = env("LIVE_ENGINE", "live.engines.embedded.EmbeddedEngine")
LIVE_ROOT = Path(env("LIVE_ROOT", str(DATA_DIR / "live")))  # shared by web and run_live: spool, segments, recordings
LIVE_MAX_BROADCASTS = int(env("LIVE_MAX_BROADCASTS", "8"))  # at once
LIVE_MAX_TRANSCODED = int(env("LIVE_MAX_TRANSCODED", "1"))  # of them: what phones can't record as H.264 takes a core
LIVE_MAX_LENGTH = timedelta(minutes=int(env("LIVE_MAX_MINUTES", "240")))
LIVE_ABSENT = timedelta(minutes=int(env("LIVE_ABSENT_MINUTES", "10")))  # without a picture it is over
LIVE_LATE_START = timedelta(hours=2)  # who has not begun by then won't: the boxes go back on sale
LIVE_MAX_PIECE = 1_500_000  # bytes of half a second of video
LIVE_MAX_BYTES_PER_SECOND = int(env("LIVE_MAX_BYTES_PER_SECOND", "600000"))
LIVE_KEEP = timedelta(days=int(env("LIVE_KEEP_DAYS", "90")))  # recordings, of stopped broadcasts too
# Events in the room: where browsers ask for them, before the path (":8001": this host, that port; empty: they are not told,
# pages ask every few seconds); how many lines one process keeps open, and how many of them to one address.
LIVE_EVENTS_URL = env("LIVE_EVENTS_URL")
LIVE_LINES = int(env("LIVE_LINES", "5000"))
LIVE_LINES_PER_ADDRESS = int(env("LIVE_LINES_PER_ADDRESS", "200"))
# The second way in: a media server (MediaMTX) that takes RTMP and WHIP and asks us who may. Empty secret: there is none.
LIVE_STREAM_SECRET = env("LIVE_STREAM_SECRET")  # it is the end of our address that the server knows, and reads by it
LIVE_STREAM_PULL_URL = env("LIVE_STREAM_PULL_URL", "rtsp://media:8554/live")  # where we read, before the key
LIVE_STREAM_RTMP_URL = env("LIVE_STREAM_RTMP_URL")  # shown to farmers
LIVE_STREAM_WHIP_URL = env("LIVE_STREAM_WHIP_URL")  # shown to farmers, before the key
LIVE_KEEP_COMMENTS = timedelta(days=int(env("LIVE_KEEP_COMMENTS_DAYS", "90")))
# Of all recordings; the oldest replays go first.
LIVE_MAX_STORED_BYTES = int(env("LIVE_MAX_STORED_BYTES", "50000000000"))

# --- Safety ---------------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "config.errors.stale_form"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if not EMBEDDED:
    SECURE_SSL_REDIRECT = env_flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sid"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"

_photo_hosts = [f"https://{env('S3_PUBLIC_DOMAIN')}"] if env("S3_PUBLIC_DOMAIN") else []
# Where the form of the pay page may lead on to: the providers' own pages.
_cashiers = ["https://*.alipay.com"] if ALIPAY_APP_ID else []
_cashiers += ["https://wx.tenpay.com"] if WECHAT_APP_ID else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_photo_hosts],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *_cashiers],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Figures for Prometheus (docs/monitoring.md): /metrics answers 404 to whoever doesn't send the token ---------------

METRICS_TOKEN = env("METRICS_TOKEN")

# --- Logs: request lines and warnings to stderr; no bodies, no phone numbers, no addresses ---------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "config.logs.PlainFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
        },
        "json": {
            "()": "config.logs.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
        },
    },
    "filters": {"request_id": {"()": "config.logs.RequestIdFilter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain" if EMBEDDED else "json",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "WARNING" if EMBEDDED else "INFO")},
    "loggers": {"fontTools": {"level": "WARNING"}},  # at INFO it names every letter of every PDF
}

UNFOLD = {"SITE_TITLE": "Chushan", "SITE_HEADER": "Chushan 出山"}
