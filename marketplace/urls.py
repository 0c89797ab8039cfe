"""Addresses of marketplace: what buyers find, and what farmers and moderators do."""

from marketplace import urls_finding, urls_selling

app_name = "marketplace"
urlpatterns = [*urls_finding.urlpatterns, *urls_selling.urlpatterns]
