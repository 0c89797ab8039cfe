"""Where the price of goods goes: the farmer, the platform, the fund. One rule for the listing page and for placement."""

from dataclasses import dataclass

from django.conf import settings

WHOLE = 10_000  # shares are settings in basis points: 100 are one per cent


@dataclass(frozen=True)
class Shares:
    """Goods of `total_fen`, split. The three parts add up to it exactly; what a division leaves over is the farmer's."""

    total_fen: int
    platform_fen: int
    fund_fen: int

    @property
    def farmer_fen(self) -> int:
        return self.total_fen - self.platform_fen - self.fund_fen


def share_out(goods_fen: int) -> Shares:
    """Split goods by today's settings (PLATFORM_SHARE_BASIS_POINTS, FUND_SHARE_BASIS_POINTS), in fen. Postage is apart.

    An order keeps the split of the moment it was placed (orders.models.OrderLine); this is only ever asked for new ones.
    """
    return Shares(
        total_fen=goods_fen,
        platform_fen=goods_fen * settings.PLATFORM_SHARE_BASIS_POINTS // WHOLE,
        fund_fen=goods_fen * settings.FUND_SHARE_BASIS_POINTS // WHOLE,
    )
