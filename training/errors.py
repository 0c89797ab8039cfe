"""What training refuses."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class NotRightYet(DomainError):
    """Some answers are wrong or missing. `wrong` holds the ids of the questions."""

    code = "not_right_yet"
    default_message = _("Not quite yet. Please look at what is marked and try again.")

    def __init__(self, given: Mapping[int, int | None]) -> None:
        super().__init__()
        self.wrong = set(given)


class LessonsFirst(DomainError):
    """A course has to be finished before this."""

    code = "lessons_first"
    default_message = _("Before your first broadcast, please take the short course “%(course)s”.")

    def __init__(self, *, course: str, link: str) -> None:
        super().__init__(course=course)
        self.link = link
