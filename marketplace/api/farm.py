"""Whose farm it is that asks, for every view of selling."""

from functools import cached_property

from accounts.models import Farmer
from common.api.permissions import Scope
from common.api.views import ApiViewSet
from common.errors import NotAllowed


class FarmViewSet(ApiViewSet):
    """A view of one's own farm. Who has none sees empty lists, finds nothing, and may not start anything."""

    tag = "selling"
    scope = Scope.SELL

    @cached_property
    def farmer(self) -> Farmer:
        """The farm of who asks. Raises NotAllowed."""
        found = Farmer.objects.select_related("county__province", "user").filter(user=self.request.user.pk).first()
        if found is None:
            raise NotAllowed
        return found
