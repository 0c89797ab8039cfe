"""Which groups of a month's sales are large enough to be spoken of: the rule, on plain sets, knowing no database.

A group needs at least five households that sold and five buyers. The month is cut into groups that don't overlap, each
large enough, and every public sum is a sum of whole groups. Whatever is added to or taken from whatever, a whole group or
more remains: no difference tells of fewer than five. That is the proof, and all of it.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

#: How few are too few.
ENOUGH = 5


@dataclass
class Crowd:
    """The people behind some sales: who sold, who bought."""

    households: set[int] = field(default_factory=set)
    buyers: set[int] = field(default_factory=set)

    @property
    def is_enough(self) -> bool:
        return min(len(self.households), len(self.buyers)) >= ENOUGH

    def __bool__(self) -> bool:
        return bool(self.households or self.buyers)


def together(crowds: Iterable[Crowd]) -> Crowd:
    """All of them as one."""
    whole = Crowd()
    for crowd in crowds:
        whole.households |= crowd.households
        whole.buyers |= crowd.buyers
    return whole


def large_enough(crowds: Mapping[Key, Crowd]) -> set[Key]:
    """The keys that may stand alone, so that the rest together is large enough too, or nobody.

    Where the few that are left over are too few, the smallest of the others joins them, until they are enough.
    """
    alone = {key for key, crowd in crowds.items() if crowd.is_enough}
    rest = together(crowd for key, crowd in crowds.items() if key not in alone)
    while rest and not rest.is_enough and alone:
        smallest = min(alone, key=lambda key: (len(crowds[key].households), len(crowds[key].buyers), str(key)))
        alone.remove(smallest)
        rest = together([rest, crowds[smallest]])
    return alone


@dataclass(frozen=True)
class Cut:
    """How a month is cut: counties that stand alone, and of each the produce that does. Empty and not `is_shown`: the
    month is too small to be spoken of at all.
    """

    is_shown: bool
    produce: Mapping[int, frozenset[int]]

    def place(self, county: int, produce: int) -> tuple[int | None, int | None]:
        """The group of some sales, as (county, produce); None: of all that are too small."""
        if county not in self.produce:
            return None, None
        return county, produce if produce in self.produce[county] else None


def cut(crowds: Mapping[tuple[int, int], Crowd], *, split: bool = True) -> Cut:
    """Cut a month whose crowds are given by (county, produce); unless `split`, it is one group."""
    if not together(crowds.values()).is_enough:
        return Cut(is_shown=False, produce={})
    if not split:
        return Cut(is_shown=True, produce={})
    counties: dict[int, dict[int, Crowd]] = {}
    for (county, produce), crowd in crowds.items():
        counties.setdefault(county, {})[produce] = crowd
    alone = large_enough({county: together(of_it.values()) for county, of_it in counties.items()})
    return Cut(is_shown=True, produce={county: frozenset(large_enough(counties[county])) for county in alone})


def may_be_parted(groups: Mapping[tuple[int | None, int | None], tuple[Crowd, Crowd]]) -> bool:
    """Whether a part that cuts through the groups may be shown for all of them together.

    Each group is given, by (county, produce), as those in the part and those not in it. Whoever knows the part and the
    groups can take any groups from it: what is left of a group cut in two is one side of it at least. So the smaller sides
    must be enough, taken once in each county, as a household is in one county only.
    """
    smaller: dict[int | None, tuple[int, int]] = {}
    is_cut = False
    for (county, _produce), (inside, outside) in groups.items():
        if inside and outside:
            is_cut = True
            households = min(len(inside.households), len(outside.households))
            buyers = min(len(inside.buyers), len(outside.buyers))
            known = smaller.get(county, (0, 0))
            smaller[county] = (max(known[0], households), max(known[1], buyers))
    if not is_cut:
        return True
    return sum(each[0] for each in smaller.values()) >= ENOUGH and max(each[1] for each in smaller.values()) >= ENOUGH
