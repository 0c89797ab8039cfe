"""What is for sale during a run, put up the way a farmer would: `manage.py verify` looks at how it came about."""

from django.utils import timezone

from accounts.models import Farmer
from accounts.services.verification import verify_farmer
from marketplace.models import Listing
from marketplace.services import drafts
from marketplace.services.lots import Harvest
from tests.make import make_farmer, make_moderator, make_photo, make_produce
from tests.marketplace import selling

PACKS = 9999


def on_sale() -> Listing:
    """A verified household's approved listing, picked today, with more boxes than anybody will buy."""
    now, moderator = timezone.now(), make_moderator()
    farmer = make_farmer(status=Farmer.Status.WAITING)
    verify_farmer(farmer_id=farmer.pk, decided_by=moderator, reason="去过家里。", now=now)
    farmer.refresh_from_db()
    photos = [make_photo(farmer.user)]
    draft = drafts.start_listing(farmer=farmer, produce=make_produce(), photos=photos, now=now)
    sold_as = {"listing_id": draft.listing_id, "farmer": farmer, "now": now}
    drafts.save_pack(pack_grams=5000, price_fen=4980, packs=PACKS, **sold_as)
    harvest = Harvest(grade="FIRST", picked_on=timezone.localdate(now))
    drafts.save_harvest(origin="长宁镇", words="皮薄汁多。", keeps_days=30, harvest=harvest, **sold_as)
    revision = drafts.submit_revision(**sold_as)
    selling.decide(revision, moderator, now=now)
    return Listing.objects.get(pk=draft.listing_id)
