"""Every address of the site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from config import health
from config.language import switch_language
from config.media import media
from config.scraping import metrics
from config.text_size import switch_text_size

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door for everybody

urlpatterns = [
    path("", include("marketplace.urls")),
    path("", include("orders.urls")),
    path("", include("payments.urls")),
    path("", include("fund.urls")),
    path("", include("live.urls")),
    path("", include("specialists.urls")),
    path("", include("field.urls")),
    path("", include("accounts.urls")),
    path("", include("insights.urls")),
    path("", include("training.urls")),
    path("", include("notifications.urls")),
    path("accounts/", include("accounts.sign_in_urls")),
    path("api/", include("config.api.urls")),
    path("lang/<str:code>/", switch_language, name="language"),
    path("text/", switch_text_size, name="text_size"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media, name="media"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
