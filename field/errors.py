"""What the taking in of entries refuses, each with a stable code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, WrongState


class KeyTaken(DomainError):
    """This key was used for something else, or withdrawn."""

    code = "key_taken"
    default_message = _("This has come to us before, as something else.")


class ArrivedAlready(WrongState):
    """What its writer wants to correct or throw away had arrived, and was done."""

    code = "arrived_already"
    default_message = _("This had reached us already, as you wrote it first. Please look at it there.")


class ChangedMeanwhile(WrongState):
    """What the entry is about is not what its writer saw. `rows` say how it is now, `version` names that.

    `can_insist`: whether its writer may do theirs all the same, having seen both.
    """

    code = "changed_meanwhile"
    default_message = _("This has changed in the meantime. Please look at both and choose.")

    def __init__(self, rows: list[tuple[str, str]], *, version: str, can_insist: bool) -> None:
        super().__init__()
        self.rows = rows
        self.version = version
        self.can_insist = can_insist


class SoAlready(Exception):  # no error: somebody has done the very same
    """What the entry says is so already: it counts as done, about this, and nothing is changed."""

    def __init__(self, about: str) -> None:
        super().__init__(about)
        self.about = about
