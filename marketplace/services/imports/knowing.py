"""What a sheet may name: produce, the farmer's own listings, lots and photos. Looked up for all its rows at once."""

import difflib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.errors import InvalidInput
from marketplace.models import ImportedRow, Listing, ListingRevision, Lot, Photo, Produce, RevisionPhoto
from marketplace.search import _RUNS, normalised, singular, whole_names
from marketplace.services.imports.plans import Own

CODE_LETTERS = 12


def photo_code(key: uuid.UUID) -> str:
    """What a photo is called in a sheet. It begins with a letter so that no spreadsheet makes a number of it."""
    return f"p{key.hex[:CODE_LETTERS]}"


class Known:
    """What one farmer's sheet can mean. Looked up once for the whole sheet."""

    def __init__(self, farmer: Farmer, *, listings: Collection[int], digests: Collection[str]) -> None:
        self.farmer = farmer
        self.own = _own(farmer, listings)
        self.lots: dict[int, dict[str, Lot]] = defaultdict(dict)
        for lot in Lot.objects.filter(listing__in=self.own).order_by("pk"):
            self.lots[lot.listing_id][lot.trace_code] = lot
        imported = ImportedRow.objects.filter(farmer=farmer, digest__in=digests).select_related("lot")
        self.imported = {row.digest: row for row in imported}
        kept = {row.listing_id for row in self.imported.values()} - self.own.keys()
        self.own |= _own(farmer, kept)

    @cached_property
    def photos(self) -> dict[str, Photo]:
        return {
            photo_code(photo.key): photo
            for photo in Photo.objects.filter(uploaded_by=self.farmer.user_id, is_confined=False)
        }

    def photos_called(self, codes: Iterable[str], has: Collection[int] = ()) -> list[Photo]:
        """The farmer's own photos with these codes. Raises InvalidInput naming the first that is not there.

        Those that the listing `has` already may be ones that could not be read: that is said where they were added.
        """
        found = []
        for code in codes:
            photo = self.photos.get(code)
            if photo is None:
                raise InvalidInput(_("You have no photo with the code %(code)s."), code=code[:40])
            if photo.status == Photo.Status.REFUSED and photo.pk not in has:
                raise InvalidInput(_("The photo %(code)s could not be read. Please upload it again."), code=code[:40])
            found.append(photo)
        return found


class ProduceByName:
    """Every kind of produce by every name it goes by. One query."""

    def __init__(self) -> None:
        self.kinds = {produce.pk: produce for produce in Produce.objects.filter(parent__isnull=False)}
        self._by_name: dict[str, set[int]] = defaultdict(set)
        for produce in self.kinds.values():
            for name in self._names(produce):
                self._by_name[name].add(produce.pk)

    @staticmethod
    def _names(produce: Produce) -> set[str]:
        parts = {plain_name(name) for name in (produce.name_zh, produce.name_en, produce.slug)}
        both = {plain_name(f"{produce.name_zh} {produce.name_en}"), plain_name(f"{produce.name_zh}{produce.name_en}")}
        return parts | both | set(whole_names(produce.name_zh, produce.name_en))

    def called(self, text: str) -> Produce:
        """The one kind with this name. Raises InvalidInput that names what comes close."""
        name = plain_name(text)
        found = self._by_name.get(name) or self._by_name.get(singular(name)) or set()
        if len(found) == 1:
            return self.kinds[next(iter(found))]
        if found:
            names = ", ".join(sorted(self._both(pk) for pk in found))
            raise InvalidInput(_("Several kinds are called that: %(names)s. Please name one."), names=names)
        if near := self._near(name):
            raise InvalidInput(_("There is no produce of that name. Do you mean %(names)s?"), names=", ".join(near))
        raise InvalidInput(_("There is no produce of that name. The template has the list."))

    def _near(self, name: str) -> list[str]:
        inside = [known for known in self._by_name if len(name) > 1 and (name in known or known in name)]
        close = difflib.get_close_matches(name, self._by_name, n=3, cutoff=0.7)
        pks = list(dict.fromkeys(pk for known in [*close, *inside] for pk in sorted(self._by_name[known])))
        return [self._both(pk) for pk in pks[:3]]

    def _both(self, pk: int) -> str:
        produce = self.kinds[pk]
        return f"{produce.name_zh} {produce.name_en}"


def plain_name(text: str) -> str:
    """A name without case, width, spaces and punctuation; the last English word in the singular."""
    return singular("".join(_RUNS.findall(normalised(text))))


def _own(farmer: Farmer, ids: Collection[int]) -> dict[int, Own]:
    """The farmer's listings with these numbers that were not thrown away. 3 queries."""
    listings = Listing.objects.filter(farmer=farmer, pk__in=ids).select_related("produce", "approved_revision")
    newest = {
        revision.listing_id: revision
        for revision in ListingRevision.objects.filter(listing__in=listings)
        .order_by("listing_id", "-number")
        .distinct("listing_id")
        .select_related("produce")
    }
    wanted = [revision.pk for revision in newest.values()]
    wanted += [listing.approved_revision_id for listing in listings if listing.approved_revision_id]
    photos: dict[int, list[int]] = defaultdict(list)
    for revision_id, photo_id in (
        RevisionPhoto.objects.filter(revision__in=wanted).order_by("position").values_list("revision_id", "photo_id")
    ):
        photos[revision_id].append(photo_id)
    return {
        listing.pk: Own(
            listing,
            newest[listing.pk],
            tuple(photos[listing.approved_revision_id or newest[listing.pk].pk]),
            tuple(photos[newest[listing.pk].pk]),
        )
        for listing in listings
        if listing.pk in newest and (listing.approved_revision_id or newest[listing.pk].status != "WITHDRAWN")
    }
