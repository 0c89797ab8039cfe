"""What a farmer does: listings in steps, prices, lots, the shop page, photos. One service call each, as on the pages."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from accounts.models import Farmer
from common.api.etags import takes_if_match, unchanged
from common.api.views import ListMixin, RetrieveMixin
from marketplace.api import selling_shapes as shapes
from marketplace.api.farm import FarmViewSet
from marketplace.api.showing import PhotoOutput
from marketplace.models import Listing, Lot, Photo, Storefront
from marketplace.queries.selling import kept
from marketplace.services import drafts, listings, lots, photos
from marketplace.services.storefronts import propose_storefront

OWN = shapes.OwnListingOutput


class OwnListingViewSet(ListMixin, RetrieveMixin, FarmViewSet):
    """One's own listings, newest first, without what was thrown away."""

    serializer_class = OWN
    keyset = ("-pk",)
    queryset = Listing.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[Listing]:
        mine = kept(Farmer.objects.filter(user=self.request.user.pk))
        return mine.prefetch_related(
            "lots", "revisions__produce", "revisions__photo_places__photo", "revisions__decisions"
        )

    def _done(self, act: Callable[..., Any], pk: int, status: int = 200, **values: Any) -> Response:
        listing = self.get_object()
        with unchanged(self.request, f"listing:{listing.pk}", lambda: self.show(self.get_object()).data):
            act(listing_id=listing.pk, farmer=self.farmer, now=timezone.now(), **values)
        return self.show(self.get_object(), status=status)

    @extend_schema(request=shapes.StartInput, responses={201: OWN})
    def create(self, request: Request) -> Response:
        """Step one of a new listing: nobody sees it yet."""
        sent = self.read(shapes.StartInput)
        draft = drafts.start_listing(
            farmer=self.farmer, produce=sent["produce"], photos=self._photos(sent), now=timezone.now()
        )
        return self.show(self.get_queryset().get(pk=draft.listing_id), status=201)

    @extend_schema(request=shapes.StartInput, responses=OWN)
    @takes_if_match
    def start(self, request: Request, pk: int) -> Response:
        """Step one again: other photos or another produce, in the draft."""
        self.get_object()
        sent = self.read(shapes.StartInput)
        return self._done(drafts.save_produce, pk, produce=sent["produce"], photos=self._photos(sent))

    def _photos(self, sent: dict[str, Any]) -> list[Photo]:
        return photos.photos_of(self.farmer.user, [str(key) for key in sent["photos"]])

    @extend_schema(request=shapes.PackInput, responses=OWN)
    @takes_if_match
    def pack(self, request: Request, pk: int) -> Response:
        """Step two."""
        self.get_object()
        return self._done(drafts.save_pack, pk, **self.read(shapes.PackInput))

    @extend_schema(request=shapes.HarvestInput, responses=OWN)
    @takes_if_match
    def harvest(self, request: Request, pk: int) -> Response:
        """Step three. The harvest counts for a listing that was never approved; later ones are lots."""
        listing = self.get_object()
        sent = self.read(shapes.HarvestInput)
        has_harvest = listing.approved_revision_id is None
        return self._done(
            drafts.save_harvest,
            pk,
            origin=sent["origin"],
            words=sent["words"],
            keeps_days=sent["keeps_days"],
            harvest=shapes.harvest_of(sent) if has_harvest else None,
        )

    @extend_schema(request=None, responses=OWN)
    def submit(self, request: Request, pk: int) -> Response:
        """Send the draft to the moderators. 409 `not_complete` says what is missing."""
        return self._done(drafts.submit_revision, pk)

    @extend_schema(request=None, responses=OWN)
    def open_draft(self, request: Request, pk: int) -> Response:
        """Begin to change it; what waits leaves the queue. Safe twice."""
        return self._done(drafts.open_draft, pk)

    @extend_schema(responses={204: None})
    def discard(self, request: Request, pk: int) -> Response:
        """Throw away what was not approved."""
        drafts.discard_draft(listing_id=self.get_object().pk, farmer=self.farmer, now=timezone.now())
        return Response(status=204)

    @extend_schema(request=shapes.PriceInput, responses=OWN)
    @takes_if_match
    def price(self, request: Request, pk: int) -> Response:
        """A new price: at once, or (a big step) once a moderator has agreed; `newest` then waits."""
        self.get_object()
        return self._done(listings.change_price, pk, **self.read(shapes.PriceInput))

    @extend_schema(request=None, responses=OWN)
    def pause(self, request: Request, pk: int) -> Response:
        """Stop selling for a while."""
        return self._done(listings.pause_listing, pk)

    @extend_schema(request=None, responses=OWN)
    def resume(self, request: Request, pk: int) -> Response:
        """Sell again."""
        return self._done(listings.resume_listing, pk)

    @extend_schema(request=None, responses={201: OWN})
    @idempotent
    def repeat(self, request: Request, pk: int) -> Any:
        """A new draft like this one."""
        listing = self.get_object()
        return keep(
            request,
            lambda: listings.repeat_listing(listing_id=listing.pk, farmer=self.farmer, now=timezone.now()),
            lambda draft: self.show(self.get_queryset().get(pk=draft.listing_id), status=201),
        )

    @extend_schema(request=shapes.LotInput, responses={201: shapes.OwnLotOutput})
    @idempotent
    def add_lot(self, request: Request, pk: int) -> Any:
        """Put another harvest on sale, at once."""
        listing = self.get_object()
        sent = self.read(shapes.LotInput)
        return keep(
            request,
            lambda: lots.open_lot(
                listing_id=listing.pk,
                farmer=self.farmer,
                packs=sent["packs"],
                harvest=shapes.harvest_of(sent),
                now=timezone.now(),
            ),
            lambda lot: self.show(lot, status=201, serializer_class=shapes.OwnLotOutput),
        )


class OwnLotViewSet(ListMixin, RetrieveMixin, FarmViewSet):
    """One's own harvests, newest first."""

    serializer_class = shapes.OwnLotOutput
    keyset = ("-pk",)
    queryset = Lot.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[Lot]:
        return Lot.objects.filter(listing__farmer__user=self.request.user.pk)

    def _kept(self, act: Callable[..., Any], **values: Any) -> Any:
        lot = self.get_object()
        return keep(
            self.request,
            lambda: act(lot_id=lot.pk, farmer=self.farmer, now=timezone.now(), **values),
            lambda _done: self.show(self.get_object()),
        )

    @extend_schema(request=shapes.LeftInput, responses=shapes.OwnLotOutput)
    @idempotent
    def stock(self, request: Request, pk: int) -> Any:
        """Say how many packs can still be sold; what is held or sold stays promised."""
        self.get_object()
        return self._kept(lots.set_packs_left, **self.read(shapes.LeftInput))

    @extend_schema(request=shapes.PickedInput, responses=shapes.OwnLotOutput)
    @idempotent
    def picked(self, request: Request, pk: int) -> Any:
        """A presale has been picked."""
        self.get_object()
        return self._kept(lots.mark_picked, **self.read(shapes.PickedInput))

    @extend_schema(request=None, responses=shapes.OwnLotOutput)
    @idempotent
    def close(self, request: Request, pk: int) -> Any:
        """Sell no more of it."""
        return self._kept(lots.close_lot)


class OwnShopViewSet(FarmViewSet):
    """One's own shop page."""

    serializer_class = shapes.OwnShopOutput
    pagination_class = None
    queryset = Storefront.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[Storefront]:
        return Storefront.objects.filter(farmer__user=self.request.user.pk)

    @extend_schema(responses=shapes.OwnShopOutput)
    def retrieve(self, request: Request) -> Response:
        """What is shown, and what waits."""
        return self.show(get_object_or_404(self.get_queryset()))

    @extend_schema(request=shapes.ShopInput, responses=shapes.OwnShopOutput)
    @takes_if_match
    def update(self, request: Request) -> Response:
        """Propose another story and photo: a moderator looks first."""
        farmer, sent = self.farmer, self.read(shapes.ShopInput)
        found = photos.photos_of(farmer.user, [str(sent["photo"])] if sent["photo"] else [])
        with unchanged(request, f"shop:{farmer.pk}", lambda: self.retrieve(request).data):
            shop = propose_storefront(
                farmer=farmer, story=sent["story"], photo=found[0] if found else None, now=timezone.now()
            )
        return self.show(shop)


class OwnPhotoViewSet(RetrieveMixin, FarmViewSet):
    """Photos, uploaded one by one and then named by their key. They are cleaned by a worker: WAITING, then READY."""

    serializer_class = PhotoOutput
    parser_classes = [MultiPartParser]
    pagination_class = None
    lookup_field = "key"
    lookup_value_converter = "slug"
    queryset = Photo.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[Photo]:
        return Photo.objects.filter(uploaded_by=self.request.user.pk, is_confined=False)

    @extend_schema(request=shapes.PhotoInput, responses={201: PhotoOutput})
    def create(self, request: Request) -> Response:
        """Upload a photo."""
        farmer, sent = self.farmer, self.read(shapes.PhotoInput)
        return self.show(photos.upload_photo(user=farmer.user, upload=sent["photo"], now=timezone.now()), status=201)
