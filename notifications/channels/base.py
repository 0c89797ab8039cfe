"""What every channel promises, and what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """One message, put into words. `key` is the same at every attempt, for providers that can drop repeats.

    `kind` and `values` are for providers that keep the words themselves and take only what changes; `kind` names the
    audience too ("parcel_late/buyer"), `count` says of how many notifications the message tells.
    """

    delivery_id: int
    key: str
    channel: str
    address: str
    subject: str
    body: str
    kind: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    count: int = 1
    recipient_id: int = 0
    link: str = ""

    def __repr__(self) -> str:
        """Without address and words: a repr ends up in logs, and a body may hold a sign-in code."""
        return f"<Message {self.key}>"


class Unsendable(Exception):
    """This will never go out as it is: do not try again. Its text is kept, so it holds no address and no words."""


class NotNow(Exception):
    """The provider works and takes this one later: not before `wait` is over. Its text is kept, as Unsendable's is."""

    def __init__(self, reason: str, wait: timedelta) -> None:
        super().__init__(reason)
        self.wait = wait


class ProviderTrouble(Exception):
    """The provider answered that it can't, or with something that makes no sense. Its text is kept too."""


class Channel(Protocol):
    """Hands a message to whoever carries it, within seconds, outside any transaction.

    Returns the carrier's id of the message ("" if it gives none). Raises Unsendable when trying again is useless, NotNow
    when only this message has to wait, and anything else when the carrier itself is in trouble: three of these in a row
    pause the channel. No carrier can promise "exactly once": one that failed to answer may have sent.
    """

    def send(self, message: Message) -> str: ...
