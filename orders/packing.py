"""What a farmer picks for all waiting parcels together."""

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.models import Lot
from orders.models import OrderLine, Parcel


@dataclass
class Pick:
    """So many boxes of one listing from one lot; `line` is any of them, for names and pack."""

    line: OrderLine
    lot: Lot
    packs: int = 0
    parcels: int = 0


def picking_list(parcels: Iterable[Parcel]) -> list[Pick]:
    """Boxes summed by listing and lot, in the order of the parcels; no query on prefetched lines."""
    picks: dict[int, Pick] = {}
    for parcel in parcels:
        for line in parcel.lines.all():
            pick = picks.setdefault(line.lot_id, Pick(line, line.lot))
            pick.packs += line.packs
            pick.parcels += 1
    return list(picks.values())
