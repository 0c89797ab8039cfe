"""The channels over which one person is told of one kind, in order: their own choice, but never no way for what must be.

A notice on the phone (push) comes instead of an e-mail or a text message, which then stand in if it can't be shown; of
what must be told it comes in addition, because nobody can know whether a browser ever showed it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from notifications.groups import ABOUT, Group, group_of
from notifications.models import Delivery
from notifications.reach import Reach

EMAIL, SMS, PUSH = Delivery.Channel.EMAIL, Delivery.Channel.SMS, Delivery.Channel.PUSH

ORDER: dict[Reach, list[Delivery.Channel]] = {
    Reach.EVERY: [SMS, EMAIL],
    Reach.SMS: [SMS, EMAIL],
    Reach.EMAIL_OR_SMS: [EMAIL, SMS],
    Reach.EMAIL: [EMAIL],
    Reach.IN_APP: [],
}


@dataclass(frozen=True)
class Reachable:
    """What a person can be reached over and has switched off. Addresses are "" where there is none."""

    phone: str
    email: str
    has_device: bool
    off: Collection[str] = ()

    def has(self, channel: Delivery.Channel) -> bool:
        return self.has_device if channel == PUSH else bool(self.address(channel))

    def address(self, channel: Delivery.Channel) -> str:
        """Where a message over `channel` goes. A notice on the phone goes to every device, so it has no address."""
        return {SMS: self.phone, EMAIL: self.email}.get(channel, "")


def must_be_told(group: Group) -> bool:
    """Whether the person can't switch the group off entirely."""
    return group == Group.CODES or ABOUT[group].must


def ways(reachable: Reachable, kind: str, audience: str, reach: Reach) -> list[Delivery.Channel]:
    """Every channel this may be told over, best first; the ones after the first are for when it fails."""
    group = group_of(kind, audience)
    there = [channel for channel in ORDER[reach] if reachable.has(channel)]
    wanted = [channel for channel in there if f"{group}/{channel}" not in reachable.off]
    if reach == Reach.EVERY or (not wanted and must_be_told(group)):
        wanted = there
    if reach != Reach.IN_APP and reachable.has_device and f"{group}/{PUSH}" not in reachable.off:
        wanted = [*wanted, PUSH] if must_be_told(group) else [PUSH, *wanted]
    return wanted


def first_ways(reachable: Reachable, kind: str, audience: str, reach: Reach) -> list[Delivery.Channel]:
    """The channels to try at once: the best one, and for what must be told a notice on the phone besides; or every one."""
    found = ways(reachable, kind, audience, reach)
    if reach == Reach.EVERY:
        return found
    besides = [PUSH] if PUSH in found[1:] else []
    return [*found[:1], *besides]
