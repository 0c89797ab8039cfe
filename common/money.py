"""Money is an integer number of fen (1/100 yuan). Yuan exist only at the edge: forms, templates, messages."""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput

MAX_FEN = 100_000_000  # one million yuan; nothing a household sells comes near it


def parse_yuan(text: str) -> int:
    """Fen from what a person typed: "49.8", "¥49.80", full-width digits. Raises InvalidInput; never rounds."""
    cleaned = unicodedata.normalize("NFKC", text).strip().lstrip("¥￥").removesuffix("元").replace(",", "").strip()
    try:
        fen = Decimal(cleaned) * 100
    except InvalidOperation:
        raise InvalidInput(_("Please type an amount such as 49.80.")) from None
    if not fen.is_finite() or abs(fen) > MAX_FEN:
        raise InvalidInput(_("That amount is too large."))
    if fen != fen.to_integral_value():
        raise InvalidInput(_("An amount has at most two digits after the point."))
    return int(fen)


def yuan(fen: int) -> str:
    """ "49.80" for 4980 fen. No sign of currency, no grouping: fit for an input's value."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def show_yuan(fen: int) -> str:
    """ "¥1,049.80" for 104980 fen, for people to read."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}¥{fen // 100:,}.{fen % 100:02d}"


def split_by_weight(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split fen in proportion to weights so that the parts add up exactly (largest remainder, ties to the first).

    The oldest mistake in split refunds is 10.00 over three pieces giving back 9.99.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights must be a non-empty sequence of non-negative integers")
    whole = sum(weights) or len(weights)
    shares = list(weights) if sum(weights) else [1] * len(weights)
    parts = [total_fen * share // whole for share in shares]
    remainders = sorted(range(len(shares)), key=lambda i: (-(total_fen * shares[i] % whole), i))
    for i in remainders[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts
