"""What every channel promises, and what it is given."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """One message, put into words. `key` is the same at every attempt, for providers that can drop repeats."""

    delivery_id: int
    key: str
    channel: str
    address: str
    subject: str
    body: str

    def __repr__(self) -> str:
        """Without address and words: a repr ends up in logs, and a body may hold a sign-in code."""
        return f"<Message {self.key}>"


class Unsendable(Exception):
    """This will never go out as it is: do not try again. Its text is kept, so it holds no address and no words."""


class Channel(Protocol):
    """Hands a message to whoever carries it, within seconds, outside any transaction.

    Returns the carrier's id of the message ("" if it gives none). Raises Unsendable when trying again is useless, and
    anything else when it may help. No carrier can promise "exactly once": one that failed to answer may have sent.
    """

    def send(self, message: Message) -> str: ...
