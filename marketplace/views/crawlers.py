"""robots.txt and sitemap.xml: only what buyers may see."""

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import County
from marketplace.models import Listing, Produce, Storefront
from marketplace.queries import window


class PageSitemap(Sitemap):
    """The pages that are always there."""

    def items(self) -> list[str]:
        return ["home", "produce_list", "county_list"]

    def location(self, item: str) -> str:
        return reverse(f"marketplace:{item}")


class ListingSitemap(Sitemap):
    def items(self) -> QuerySet[Listing]:
        return Listing.objects.shown().only("pk", "live_since").order_by("-live_since", "-pk")

    def lastmod(self, item: Listing) -> object:
        return item.live_since

    def location(self, item: Listing) -> str:
        return reverse("marketplace:listing_detail", args=[item.pk])


class StorefrontSitemap(Sitemap):
    def items(self) -> QuerySet[Storefront]:
        return window.storefronts().select_related(None).only("slug").order_by("pk")

    def location(self, item: Storefront) -> str:
        return reverse("marketplace:storefront_detail", args=[item.slug])


class CountySitemap(Sitemap):
    def items(self) -> QuerySet[County]:
        return County.objects.only("slug")

    def location(self, item: County) -> str:
        return reverse("marketplace:county_detail", args=[item.slug])


class ProduceSitemap(Sitemap):
    def items(self) -> QuerySet[Produce]:
        return Produce.objects.only("slug")

    def location(self, item: Produce) -> str:
        return reverse("marketplace:produce_detail", args=[item.slug])


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": PageSitemap,
    "listings": ListingSitemap,
    "farms": StorefrontSitemap,
    "counties": CountySitemap,
    "produce": ProduceSitemap,
}


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Private corners and endless filter combinations are not for crawlers."""
    lines = [
        "User-agent: *",
        *(
            f"Disallow: {path}"
            for path in ("/accounts/", "/admin/", "/cart/", "/checkout/", "/finance/", "/lang/", "/me/", "/orders/")
        ),
        *(
            f"Disallow: {path}"
            for path in (
                "/moderation/",
                "/notifications/",
                "/outbox/",
                "/report/",
                "/s/",
                "/search/",
                "/sell/",
                "/share/",
            )
        ),
        "Disallow: /*?",
        f"Sitemap: {settings.SITE_URL}{reverse('marketplace:sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
