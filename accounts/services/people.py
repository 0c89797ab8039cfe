"""What people choose about themselves."""

from accounts.models import User
from common.transactions import use_case


@use_case
def remember_language(*, user_id: int, language: str) -> None:
    """Keep the language someone reads in ("zh-hans" or "en"), so that what we send them is in it too."""
    User.objects.filter(pk=user_id).update(language=language)
