"""Where to go after a small change: back to the page its button was on."""

from django.http import HttpRequest
from django.urls import reverse


def back_to(request: HttpRequest, listing_id: int) -> str:
    """The farmer's home if the form says it came from there, else the listing's own page."""
    if request.POST.get("from") == "home":
        return reverse("orders:farmer_home")
    return reverse("marketplace:listing_edit", args=[listing_id])
