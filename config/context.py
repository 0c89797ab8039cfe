"""What every page's frame shows. Two small queries at most, and none for a guest without a cart."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.text_size import is_large
from field.views.frame import frame_of
from marketplace.views.keeping import holes
from notifications.queries import unread_count
from orders.queries import cart_pack_count


def counts(request: HttpRequest) -> tuple[int, int]:
    """Boxes in the cart, and news unread."""
    return cart_pack_count(request), unread_count(request.user)


def shop(request: HttpRequest) -> dict[str, Any]:
    """The cart's count, the unread badge and whether this is the demo; evaluated only where a template shows them."""
    if not hasattr(request, "user"):  # refused before anyone could sign in: a wrong Host header, say
        return {"is_demo": settings.EMBEDDED}
    if getattr(request, "leaves_holes", False):  # made to be kept for everybody
        return {"is_demo": settings.EMBEDDED, **holes()}
    if not hasattr(request, "frame"):  # a kept page's frame is several templates
        request.frame = {  # type: ignore[attr-defined]
            "cart_count": SimpleLazyObject(lambda: cart_pack_count(request)),
            "unread_count": SimpleLazyObject(lambda: unread_count(request.user)),
            "is_demo": settings.EMBEDDED,
            "is_large": is_large(request),
            "on_farm": frame_of(request),
        }
    return request.frame  # type: ignore[attr-defined]
