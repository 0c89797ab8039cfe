"""Domain errors: a fact about the business, with a stable code, said in the reader's language."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Something the domain refuses. Views show `message`, APIs answer `code`; `field` says which input it is about.

    `message` may hold %(name)s places that are filled from `params`.
    """

    code: ClassVar[str] = "refused"
    passes: ClassVar[bool] = False  # it comes of the moment: the same request may well go through a little later
    default_message: ClassVar[str | Promise] = _("That is not possible.")

    def __init__(self, message: str | Promise | None = None, *, field: str | None = None, **params: Any) -> None:
        self.template = message or self.default_message
        self.field = field
        self.params = params
        super().__init__(self.code, params)

    @property
    def message(self) -> str:
        """The sentence for the person reading, in their language."""
        text = str(self.template)
        return text % self.params if self.params else text

    def __str__(self) -> str:
        return self.message


class NotAllowed(DomainError):
    """The person may not do this."""

    code = "not_allowed"
    default_message = _("You are not allowed to do that.")


class WrongState(DomainError):
    """The thing has moved on: what was asked no longer fits its state."""

    code = "wrong_state"
    default_message = _("This has changed in the meantime. Please look again.")


class InvalidInput(DomainError):
    """A value that cannot be right; `field` names the input."""

    code = "invalid"
    default_message = _("Please check this value.")
