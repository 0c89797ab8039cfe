"""One's own links to share, and what becomes of what they earn."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import FlagField, IdField, Input
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin
from marketplace.models import ShareLink
from marketplace.services.sharing import make_link
from marketplace.things import thing_of
from orders.models import RewardChoice
from orders.services.coupons import choose_reward
from orders.sharing import links_of


class ShareLinkOutput(serializers.ModelSerializer):
    """A link of one's own: to what, how often it was opened, and how many paid orders came by it. Nothing of who."""

    url = serializers.SerializerMethodField(help_text="Short; for chats and posters.")
    thing = serializers.IntegerField(source="thing_id", help_text="The listing, farmer or broadcast, by its id.")
    ordered = serializers.IntegerField()

    class Meta:
        model = ShareLink
        fields = ["code", "url", "kind", "thing", "opened", "ordered", "made_at"]
        read_only_fields = fields

    def get_url(self, link: ShareLink) -> str:
        return f"{settings.SITE_URL}{reverse('marketplace:share_open', args=[link.code])}"


class ShareLinkInput(Input):
    """What to share."""

    kind = serializers.ChoiceField(sorted(settings.SHARED_THINGS))
    thing = IdField()


class RewardInput(Input):
    """Whether what one's links earn goes to the fund, and not to oneself as coupons."""

    to_fund = FlagField()


class RewardOutput(serializers.Serializer):
    """What is to become of rewards from now on, and how large they are: a part of the goods in ten thousandths."""

    to_fund = serializers.BooleanField()
    reward_basis_points = serializers.IntegerField()


class ShareLinkViewSet(ListMixin, ApiViewSet):
    """One's own links, newest first. Orders are put down to the last link that their buyer came by: `shared_link`."""

    tag = "sharing"
    scope = Scope.BUY
    serializer_class = ShareLinkOutput
    keyset = ("-pk",)
    queryset = ShareLink.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[ShareLink]:
        return links_of(self.request.user)

    @extend_schema(request=ShareLinkInput, responses={201: ShareLinkOutput})
    def create(self, request: Request) -> Response:
        """One's link to a thing that buyers may see; asking twice gives the same one."""
        sent = self.read(ShareLinkInput)
        thing = thing_of(sent["kind"], sent["thing"])
        if thing is None:
            raise Http404
        link = make_link(sharer=request.user, thing=thing, now=timezone.now())
        return self.show(self.get_queryset().get(pk=link.pk), status=201)


class RewardViewSet(ApiViewSet):
    """What is to become of what one's links earn."""

    tag = "sharing"
    scope = Scope.BUY
    serializer_class = RewardOutput
    pagination_class = None

    @extend_schema(responses=RewardOutput)
    def retrieve(self, request: Request) -> Response:
        """To the fund, or to oneself as coupons."""
        return self.show(self._now(request))

    @extend_schema(request=RewardInput, responses=RewardOutput)
    def choose(self, request: Request) -> Response:
        """From the next reward on. Safe twice."""
        choose_reward(person=request.user, to_fund=self.read(RewardInput)["to_fund"])
        return self.show(self._now(request))

    def _now(self, request: Request) -> dict[str, Any]:
        to_fund = RewardChoice.objects.filter(person=request.user.pk, to_fund=True).exists()
        return {"to_fund": to_fund, "reward_basis_points": settings.SHARE_REWARD_BASIS_POINTS}
