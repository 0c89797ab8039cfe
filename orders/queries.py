"""Reads of carts, orders and parcels that are more than a get."""

from django.db.models import Sum
from django.http import HttpRequest

from orders.models import CartLine

CART_SESSION_KEY = "cart"


def cart_pack_count(request: HttpRequest) -> int:
    """Packs in the cart of whoever asks; no query for a guest who never put anything in one."""
    lines = CartLine.objects
    if request.user.is_authenticated:
        mine = lines.filter(cart__user_id=request.user.pk)
    elif token := request.session.get(CART_SESSION_KEY):
        mine = lines.filter(cart__token=token)
    else:
        return 0
    return mine.aggregate(packs=Sum("packs"))["packs"] or 0
