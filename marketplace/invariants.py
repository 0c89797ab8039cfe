"""What holds of stock, of what buyers may see, of decisions, photos and search. See common/invariants.py."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from common.invariants import Check
from marketplace.models import Listing, Photo
from marketplace.search import tokens_for, vector_text

BATCH = 500
METADATA = {b"EXIF", b"XMP ", b"ICCP"}  # the parts of a WebP file that say more than its pixels


def stale_search_documents(now: datetime) -> Iterator[int]:
    """Listings whose stored search document is not what their words make today."""
    shown = Listing.objects.exclude(status=Listing.Status.DRAFT).order_by("pk")
    chosen = shown.select_related("produce__parent", "county", "province", "farmer").defer("search_vector")
    batch: list[tuple[int, str]] = []
    for listing in chosen.iterator(chunk_size=BATCH):
        batch.append((listing.pk, vector_text(tokens_for(listing))))
        if len(batch) == BATCH:
            yield from _differing(batch)
            batch = []
    yield from _differing(batch)


def _differing(batch: list[tuple[int, str]]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM unnest(%s::bigint[], %s::text[]) AS fresh (id, document)
               JOIN marketplace_listing listing USING (id)
               WHERE listing.search_vector IS DISTINCT FROM fresh.document::tsvector""",
            [[pk for pk, _ in batch], [text for _, text in batch]],
        )
        return [row[0] for row in cursor.fetchall()]


def unclean_photo_files(now: datetime) -> Iterator[int]:
    """Ready photos of which a copy is missing, is no WebP, or carries more than pixels."""
    for photo in Photo.objects.filter(status=Photo.Status.READY).order_by("pk").iterator(chunk_size=BATCH):
        if not all(_is_clean(photo.storage, photo.path(size)) for size in photo.sizes):
            yield photo.pk


def _is_clean(storage: Any, path: str) -> bool:
    try:
        with storage.open(path, "rb") as file:
            return not METADATA & set(_parts(file.read()))
    except (OSError, ValueError):
        return False


def _parts(data: bytes) -> Iterator[bytes]:
    """The names of a WebP file's parts. Raises ValueError for what is no WebP."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError("no WebP")
    at = 12
    while at + 8 <= len(data):
        yield data[at : at + 4]
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2


STOCK = (
    Check(
        "lot_conserved",
        "Of no lot is more sold and held than was harvested, and nothing is below zero.",
        """
        SELECT id FROM marketplace_lot
        WHERE sold::bigint + held > harvested OR least(sold, held, harvested) < 0
        """,
    ),
    Check(
        "lot_counters_match_holds",
        "A lot's counters are the sums of its holds and of what its offers have left: held, and sold.",
        """
        SELECT lot.id FROM marketplace_lot lot
        LEFT JOIN (
            SELECT lot_id, sum("left") AS aside FROM marketplace_offer WHERE closed_at IS NULL GROUP BY lot_id
        ) offered ON offered.lot_id = lot.id
        LEFT JOIN (
            SELECT lot_id,
                sum(packs) FILTER (WHERE status = 'HELD') AS held,
                sum(packs) FILTER (WHERE status = 'SOLD') AS sold
            FROM marketplace_hold GROUP BY lot_id
        ) counted ON counted.lot_id = lot.id
        WHERE lot.held <> coalesce(counted.held, 0) + coalesce(offered.aside, 0)
           OR lot.sold <> coalesce(counted.sold, 0)
        """,
    ),
    Check(
        "offer_counts_its_holds",
        "Of no offer is more held and sold than its slice, and until it closes the rest is what is left.",
        """
        SELECT offer.id FROM marketplace_offer offer
        LEFT JOIN (
            SELECT offer_id, sum(packs) AS packs FROM marketplace_hold
            WHERE status <> 'RELEASED' GROUP BY offer_id
        ) drawn ON drawn.offer_id = offer.id
        WHERE coalesce(drawn.packs, 0) > offer.packs
           OR (offer.closed_at IS NULL AND offer."left" <> offer.packs - coalesce(drawn.packs, 0))
        """,
    ),
)

APPROVAL = (
    Check(
        "shown_is_approved",
        "What left the draft stage has a revision of its own that a moderator approved, with the decision on record.",
        """
        SELECT listing.id FROM marketplace_listing listing
        LEFT JOIN marketplace_listingrevision revision
            ON revision.id = listing.approved_revision_id AND revision.listing_id = listing.id
               AND revision.status = 'APPROVED'
        LEFT JOIN marketplace_moderationdecision decision
            ON decision.revision_id = revision.id AND decision.listing_id = listing.id AND decision.verdict = 'APPROVE'
        WHERE (listing.status <> 'DRAFT' OR listing.approved_revision_id IS NOT NULL) AND decision.id IS NULL
        """,
    ),
    Check(
        "shown_is_what_was_approved",
        "Produce, pack, words, origin, keeping and cover of a listing are those of its approved revision; words that name a"
        " farmer who is not to be named stay away.",
        """
        SELECT listing.id FROM marketplace_listing listing
        JOIN marketplace_listingrevision revision ON revision.id = listing.approved_revision_id
        JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
        LEFT JOIN LATERAL (
            SELECT photo_id FROM marketplace_revisionphoto
            WHERE revision_id = revision.id ORDER BY position LIMIT 1
        ) cover ON true
        WHERE (listing.produce_id, listing.pack_grams,
               CASE WHEN listing.words = '' AND NOT farmer.shows_name THEN revision.words ELSE listing.words END,
               listing.origin, listing.keeps_days)
              IS DISTINCT FROM
              (revision.produce_id, revision.pack_grams, revision.words, revision.origin, revision.keeps_days)
           OR listing.cover_id IS DISTINCT FROM cover.photo_id
        """,
    ),
    Check(
        "shown_photos_are_approved",
        "Every photo of an approved revision, and of a shop page, was approved; what lies in public storage too.",
        """
        SELECT photo.id FROM marketplace_photo photo
        WHERE photo.approved_at IS NULL AND (
            EXISTS (
                SELECT 1 FROM marketplace_revisionphoto place
                JOIN marketplace_listing listing ON listing.approved_revision_id = place.revision_id
                WHERE place.photo_id = photo.id
            )
            OR EXISTS (SELECT 1 FROM marketplace_storefront shop WHERE shop.photo_id = photo.id)
            OR photo.public_at IS NOT NULL
        )
        """,
    ),
    Check(
        "price_within_approved",
        "A price strays from the approved one by no more than a farmer may change it alone.",
        """
        SELECT listing.id FROM marketplace_listing listing
        JOIN marketplace_listingrevision revision ON revision.id = listing.approved_revision_id
        WHERE abs(listing.price_fen - revision.price_fen)::bigint * 100 > revision.price_fen::bigint * %(percent)s
        """,
        params=lambda: {"percent": settings.PRICE_CHANGE_LIMIT_PERCENT},
    ),
    Check(
        "listing_where_its_farmer_is",
        "What buyers see comes from the county and province of its farmer.",
        """
        SELECT listing.id FROM marketplace_listing listing
        JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
        JOIN accounts_county county ON county.id = farmer.county_id
        WHERE listing.status <> 'DRAFT'
          AND (listing.county_id <> farmer.county_id OR listing.province_id <> county.province_id)
        """,
    ),
    Check(
        "revision_status_as_decided",
        "A revision is approved, sent back or rejected exactly as the decision about it says, and once.",
        """
        SELECT revision.id FROM marketplace_listingrevision revision
        LEFT JOIN (
            SELECT revision_id, max(verdict) AS verdict, bool_or(listing_id IS NULL) AS astray, count(*) AS times
            FROM marketplace_moderationdecision WHERE revision_id IS NOT NULL GROUP BY revision_id
        ) decided ON decided.revision_id = revision.id
        WHERE coalesce(decided.verdict, '') <> CASE revision.status
                WHEN 'APPROVED' THEN 'APPROVE' WHEN 'CHANGE_ASKED' THEN 'ASK_CHANGE' WHEN 'REJECTED' THEN 'REJECT'
                ELSE '' END
           OR decided.times > 1 OR decided.astray
        """,
    ),
    Check(
        "taken_down_as_decided",
        "A listing is away from buyers exactly when the last word about that was to take it down.",
        """
        SELECT listing.id FROM marketplace_listing listing
        LEFT JOIN (
            SELECT DISTINCT ON (listing_id) listing_id, verdict FROM marketplace_moderationdecision
            WHERE verdict IN ('TAKE_DOWN', 'RESTORE') ORDER BY listing_id, id DESC
        ) last ON last.listing_id = listing.id
        WHERE (listing.status = 'TAKEN_DOWN') <> (coalesce(last.verdict, 'RESTORE') = 'TAKE_DOWN')
        """,
    ),
    Check(
        "moderated_by_another",
        "No moderator decided about their own listing or shop page.",
        """
        SELECT decision.id FROM marketplace_moderationdecision decision
        LEFT JOIN marketplace_listing listing ON listing.id = decision.listing_id
        LEFT JOIN marketplace_storefront storefront ON storefront.id = decision.storefront_id
        JOIN accounts_farmer farmer ON farmer.id IN (listing.farmer_id, storefront.farmer_id)
        WHERE farmer.user_id = decision.decided_by_id
        """,
    ),
    Check(
        "storefront_shows_what_was_approved",
        "A shop page with a story or a photo has a moderator's approval on record.",
        """
        SELECT storefront.id FROM marketplace_storefront storefront
        WHERE (storefront.story <> '' OR storefront.photo_id IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM marketplace_moderationdecision decision
                          WHERE decision.storefront_id = storefront.id AND decision.verdict = 'APPROVE')
        """,
    ),
    Check(
        "listed_produce_is_a_kind",
        "What is listed is a kind of produce, not a whole group of them.",
        """
        SELECT listing.id FROM marketplace_listing listing
        JOIN marketplace_produce produce ON produce.id = listing.produce_id
        WHERE produce.parent_id IS NULL
        """,
    ),
)

PHOTOS = (
    Check(
        "public_photos_are_ready",
        "Every photo that buyers may see is one of which clean copies were made.",
        """
        SELECT DISTINCT photo.id FROM marketplace_photo photo
        JOIN (
            SELECT place.photo_id FROM marketplace_revisionphoto place
            JOIN marketplace_listing listing ON listing.approved_revision_id = place.revision_id
            UNION ALL SELECT cover_id FROM marketplace_listing
            UNION ALL SELECT photo_id FROM marketplace_storefront
        ) shown ON shown.photo_id = photo.id
        WHERE photo.status <> 'READY'
        """,
    ),
    Check(
        "photo_originals_are_forgotten",
        "Of a photo that is done, the file as it came in (it may say where it was taken) is gone within the hour.",
        """
        SELECT id FROM marketplace_photo
        WHERE status <> 'WAITING' AND original <> ''
          AND coalesce(claimed_until, uploaded_at) < %(now)s - interval '1 hour'
        """,
    ),
    Check(
        "photo_waits_with_its_original",
        "A photo that waits still has the file it is to be made from, in the private folder.",
        r"SELECT id FROM marketplace_photo WHERE status = 'WAITING' AND original !~ '^originals/[\w-]+$'",
    ),
    Check(
        "photo_ready_has_copies",
        "A photo that is ready has copies, none wider than what was asked for or than it is.",
        """
        SELECT id FROM marketplace_photo
        WHERE status = 'READY'
          AND (cardinality(sizes) = 0 OR EXISTS (SELECT 1 FROM unnest(sizes) size WHERE size > least(width, %(widest)s)))
        """,
        params=lambda: {"widest": max(settings.PHOTO_WIDTHS)},
    ),
    Check(
        "photo_files_are_clean",
        "Each copy of each ready photo is there, is a WebP, and carries pixels and nothing else.",
        find=unclean_photo_files,
        is_heavy=True,
    ),
)

SEARCH = (
    Check(
        "shelf_place_is_true",
        "Lists show of each listing what is so: whether it may be shown, where it is from, and whether any is left.",
        """
        SELECT listing.id FROM marketplace_listing listing
        JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
        LEFT JOIN marketplace_shelfplace place ON place.listing_id = listing.id
        LEFT JOIN (
            SELECT listing_id, max(CASE WHEN picked_on IS NULL THEN 1 ELSE 2 END) AS best
            FROM marketplace_lot WHERE closed_at IS NULL AND harvested > sold + held GROUP BY listing_id
        ) stock ON stock.listing_id = listing.id
        WHERE (place.shown, place.stock, place.county_id, place.province_id, place.produce_id, place.women_led)
              IS DISTINCT FROM
              (listing.status = 'LIVE' AND farmer.status = 'VERIFIED', coalesce(stock.best, 0), listing.county_id,
               listing.province_id, listing.produce_id, farmer.women_led)
        """,
    ),
    Check(
        "shown_can_be_found",
        "Every listing that left the draft stage has a search document.",
        "SELECT id FROM marketplace_listing WHERE status <> 'DRAFT' AND search_vector IS NULL",
    ),
    Check(
        "search_documents_are_fresh",
        "A search document is what the listing's own words make today (else: manage.py index_listings).",
        find=stale_search_documents,
        is_heavy=True,
    ),
)

COMPLAINTS = (
    Check(
        "report_judged_by_another",
        "No report was judged by who made it or by whose thing it is about, and its judgement is among the staff's acts.",
        """
        SELECT report.id FROM marketplace_report report
        JOIN accounts_farmer farmer ON farmer.id = report.farmer_id
        WHERE report.status <> 'WAITING' AND (
            report.decided_by_id IN (report.reporter_id, farmer.user_id)
            OR NOT EXISTS (
                SELECT 1 FROM accounts_staffact act
                WHERE act.about = 'report:' || report.id AND act.kind = 'report_' || lower(report.status)
                  AND act.actor_id = report.decided_by_id
            )
        )
        """,
    ),
    Check(
        "report_is_about_its_farmers",
        "A report about a listing is about one of the farmer it names.",
        """
        SELECT report.id FROM marketplace_report report
        JOIN marketplace_listing listing ON listing.id = report.listing_id
        WHERE listing.farmer_id <> report.farmer_id
        """,
    ),
    Check(
        "appeal_decided_by_another",
        "An appeal is against a no, and was decided by somebody else than who said no, among the staff's acts.",
        """
        SELECT appeal.id FROM marketplace_appeal appeal
        JOIN marketplace_moderationdecision decision ON decision.id = appeal.decision_id
        WHERE decision.verdict IN ('APPROVE', 'RESTORE') OR appeal.made_at < decision.decided_at
           OR (appeal.status <> 'WAITING' AND (
                appeal.decided_by_id = decision.decided_by_id
                OR NOT EXISTS (
                    SELECT 1 FROM accounts_staffact act
                    WHERE act.about = 'appeal:' || appeal.id AND act.kind = 'appeal_' || lower(appeal.status)
                      AND act.actor_id = appeal.decided_by_id
                )
           ))
        """,
    ),
    Check(
        "appeal_won_is_put_right",
        "Where an appeal was won and nothing had been decided since, a decision that puts it right came with it.",
        """
        SELECT appeal.id FROM marketplace_appeal appeal
        JOIN marketplace_moderationdecision decision ON decision.id = appeal.decision_id
        JOIN accounts_staffact act ON act.about = 'appeal:' || appeal.id AND act.kind = 'appeal_overturned'
        WHERE appeal.status = 'OVERTURNED' AND (act.new->>'mended')::boolean AND NOT EXISTS (
            SELECT 1 FROM marketplace_moderationdecision mended
            WHERE mended.listing_id = decision.listing_id AND mended.decided_at = appeal.decided_at
              AND mended.decided_by_id = appeal.decided_by_id AND mended.verdict IN ('APPROVE', 'RESTORE')
        )
        """,
    ),
)

CHECKS = (*STOCK, *APPROVAL, *PHOTOS, *SEARCH, *COMPLAINTS)
