"""As the first seventeen made it: the tables, the shelf and the window with the triggers that keep them, the terms."""

import common.storage
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import marketplace.models.photos
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


SHELVE = """
CREATE FUNCTION marketplace_shelve(ids bigint[]) RETURNS void LANGUAGE plpgsql
    SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off AS $$
BEGIN
    -- First the lock, in the order of listings; then, with a snapshot taken after it, the reading: whoever waited here
    -- sees what the other has committed.
    PERFORM 1 FROM marketplace_shelfplace WHERE listing_id = ANY(ids) ORDER BY listing_id FOR NO KEY UPDATE;
    UPDATE marketplace_shelfplace place SET
        shown = listing.status = 'LIVE' AND farmer.status = 'VERIFIED',
        produce_id = listing.produce_id,
        county_id = listing.county_id,
        province_id = listing.province_id,
        women_led = farmer.women_led,
        stock = CASE WHEN lots.picked_on IS NOT NULL THEN 2 WHEN lots.expected_from IS NOT NULL THEN 1 ELSE 0 END,
        picked_on = lots.picked_on,
        expected_from = lots.expected_from,
        freshness = coalesce(lots.picked_on, '0001-01-01'),
        fen_per_kg = listing.price_fen::bigint * 1000 / listing.pack_grams,
        standing = (listing.rating_sum + 12) * 1000 / (listing.rating_count + 3),
        live_since = listing.live_since
    FROM marketplace_listing listing
    JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
    CROSS JOIN LATERAL (
        SELECT max(lot.picked_on) AS picked_on,
               min(lot.expected_from) FILTER (WHERE lot.picked_on IS NULL) AS expected_from
        FROM marketplace_lot lot
        WHERE lot.listing_id = listing.id AND lot.closed_at IS NULL AND lot.harvested > lot.sold + lot.held
    ) lots
    WHERE place.listing_id = listing.id AND listing.id = ANY(ids);
END $$;
"""

SHELVE_ROWS = """
CREATE FUNCTION marketplace_shelve_listing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO marketplace_shelfplace
            (listing_id, shown, county_id, province_id, women_led, stock, freshness, standing)
            VALUES (NEW.id, false, NEW.county_id, NEW.province_id, false, 0, '0001-01-01', 4000);
        IF NEW.status = 'DRAFT' THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM marketplace_shelve(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE FUNCTION marketplace_shelve_lot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM marketplace_shelve(ARRAY[CASE WHEN TG_OP = 'DELETE' THEN OLD.listing_id ELSE NEW.listing_id END]);
    RETURN NULL;
END $$;

CREATE FUNCTION marketplace_shelve_farmer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM marketplace_shelve(ARRAY(SELECT id FROM marketplace_listing WHERE farmer_id = NEW.id));
    RETURN NULL;
END $$;

CREATE TRIGGER shelve_listing AFTER UPDATE ON marketplace_listing FOR EACH ROW WHEN (
    (OLD.status, OLD.farmer_id, OLD.produce_id, OLD.county_id, OLD.province_id, OLD.price_fen, OLD.pack_grams,
     OLD.rating_sum, OLD.rating_count, OLD.live_since)
    IS DISTINCT FROM
    (NEW.status, NEW.farmer_id, NEW.produce_id, NEW.county_id, NEW.province_id, NEW.price_fen, NEW.pack_grams,
     NEW.rating_sum, NEW.rating_count, NEW.live_since)
) EXECUTE FUNCTION marketplace_shelve_listing();
CREATE TRIGGER shelve_lot AFTER UPDATE ON marketplace_lot FOR EACH ROW WHEN (
    (OLD.picked_on, OLD.expected_from, OLD.closed_at, OLD.harvested > OLD.sold + OLD.held)
    IS DISTINCT FROM
    (NEW.picked_on, NEW.expected_from, NEW.closed_at, NEW.harvested > NEW.sold + NEW.held)
) EXECUTE FUNCTION marketplace_shelve_lot();
CREATE TRIGGER shelve_farmer AFTER UPDATE ON accounts_farmer FOR EACH ROW WHEN (
    (OLD.status, OLD.women_led) IS DISTINCT FROM (NEW.status, NEW.women_led)
) EXECUTE FUNCTION marketplace_shelve_farmer();
"""

# New listings and lots are shelved once for each statement, however many rows it brings: imports come by the thousand.
SHELVE_STATEMENTS = """
CREATE FUNCTION marketplace_shelve_new_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO marketplace_shelfplace
        (listing_id, shown, county_id, province_id, women_led, stock, freshness, standing)
        SELECT id, false, county_id, province_id, false, 0, '0001-01-01', 4000 FROM arrived ORDER BY id;
    PERFORM marketplace_shelve(ARRAY(
        SELECT id FROM arrived WHERE status <> 'DRAFT'
            OR EXISTS (SELECT 1 FROM marketplace_lot lot WHERE lot.listing_id = arrived.id)));
    RETURN NULL;
END $$;

CREATE FUNCTION marketplace_shelve_new_lots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM marketplace_shelve(ARRAY(SELECT DISTINCT listing_id FROM arrived));
    RETURN NULL;
END $$;

CREATE TRIGGER shelve_new_listings AFTER INSERT ON marketplace_listing
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION marketplace_shelve_new_listings();
CREATE TRIGGER shelve_new_lots AFTER INSERT ON marketplace_lot
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION marketplace_shelve_new_lots();
CREATE TRIGGER shelve_deleted_lot AFTER DELETE ON marketplace_lot
    FOR EACH ROW EXECUTE FUNCTION marketplace_shelve_lot();
"""

# Deferred: the row is locked when everything else has been, so whoever moves it waits for nobody while holding it.
# Once in a transaction is enough; what a thousand rows of one import do is seen at one commit.
MOVED = """
CREATE FUNCTION marketplace_window_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('chushan.window_moved', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        INSERT INTO marketplace_window (id, version) VALUES (1, 1)
            ON CONFLICT (id) DO UPDATE SET version = marketplace_window.version + 1;
        PERFORM set_config('chushan.window_moved', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;
"""

WINDOW = """
CREATE CONSTRAINT TRIGGER window_place_changed AFTER UPDATE ON marketplace_shelfplace
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((OLD.shown OR NEW.shown) AND OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_place_gone AFTER DELETE ON marketplace_shelfplace
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.shown) EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_listing_changed AFTER UPDATE ON marketplace_listing
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.status, OLD.approved_revision_id, OLD.cover_id, OLD.words, OLD.origin)
          IS DISTINCT FROM (NEW.status, NEW.approved_revision_id, NEW.cover_id, NEW.words, NEW.origin))
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_storefront_changed AFTER UPDATE ON marketplace_storefront
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.story, OLD.photo_id, OLD.slug) IS DISTINCT FROM (NEW.story, NEW.photo_id, NEW.slug))
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_farmer_changed AFTER UPDATE ON accounts_farmer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.name, OLD.status, OLD.women_led) IS DISTINCT FROM (NEW.name, NEW.status, NEW.women_led))
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_photo_gone AFTER UPDATE ON marketplace_photo
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status = 'READY' AND NEW.status <> 'READY')
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_photo_taken_away AFTER UPDATE ON marketplace_photo
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at)
    EXECUTE FUNCTION marketplace_window_moved();
"""

FORGET = """
DROP FUNCTION marketplace_window_moved CASCADE;
DROP FUNCTION marketplace_shelve_new_lots CASCADE;
DROP FUNCTION marketplace_shelve_new_listings CASCADE;
DROP FUNCTION marketplace_shelve_farmer CASCADE;
DROP FUNCTION marketplace_shelve_lot CASCADE;
DROP FUNCTION marketplace_shelve_listing CASCADE;
DROP FUNCTION marketplace_shelve;
"""

ADS = (
    "广告法第九条：不得使用“国家级”“最高级”“最佳”等用语。",
    "Advertising law, article 9: no “best”, “first” or “national level”.",
)
CURE = (
    "广告法第十七条：食品和农产品不得说治病、防病或药效。",
    "Advertising law, article 17: food must not be said to cure or prevent illness.",
)
MARK = (
    "地理标志、绿色、有机等标志要有证书才能说，请农户出示。",
    "Geographical indications and organic or green marks need a certificate: ask the farmer for it.",
)
AWAY = (
    "请在平台内联系和付款，出了事我们才帮得上。",
    "People should talk and pay here, or we cannot help when something goes wrong.",
)

FINE_ZUI = "最近 最后 最少 最多 最晚 最早 最终 最迟"
FINE_FIRST = "第一次 第一天 第一茬 第一批 第一季 第一年 第一时间 第一书记"
TERMS = [
    *((term, "SUPERLATIVE", fine, *ADS) for term, fine in [
        ("最", FINE_ZUI), ("第一", FINE_FIRST), ("国家级", ""), ("世界级", ""), ("顶级", ""), ("极品", ""), ("独一无二", ""),
        ("全网", ""), ("史上", ""), ("首选", ""), ("唯一", ""), ("特供", ""), ("御用", ""), ("驰名", ""), ("百分之百", ""),
        ("best", ""), ("number one", ""), ("no 1", ""), ("world class", ""), ("unrivalled", ""),
    ]),
    *((term, "MEDICAL", fine, *CURE) for term, fine in [
        ("治疗", ""), ("治病", ""), ("疗效", ""), ("药效", ""), ("抗癌", ""), ("防癌", ""), ("降血压", ""), ("降血糖", ""),
        ("降血脂", ""), ("降三高", ""), ("糖尿病", ""), ("高血压", ""), ("壮阳", ""), ("补肾", ""), ("排毒", ""), ("减肥", ""),
        ("根治", ""), ("包治", ""), ("消炎", ""), ("抗病毒", ""), ("提高免疫力", ""), ("增强免疫力", ""), ("保健", ""),
        ("cure", ""), ("cures", ""), ("cancer", ""), ("diabetes", ""), ("blood pressure", ""), ("immune system", ""),
        ("detox", ""), ("lose weight", ""),
    ]),
    *((term, "MARK", fine, *MARK) for term, fine in [
        ("地理标志", ""), ("地标产品", ""), ("国家地理", ""), ("原产地保护", ""), ("有机", "有机肥 有机质 有机会 有机物"),
        ("绿色食品", ""), ("无公害", ""), ("富硒", ""), ("贡品", ""), ("贡米", ""), ("贡茶", ""), ("五常大米", ""),
        ("西湖龙井", ""), ("阳澄湖", ""), ("geographical indication", ""), ("certified organic", ""),
    ]),
    *((term, "CONTACT", fine, *AWAY) for term, fine in [
        ("微信", "微信支付"), ("薇信", ""), ("威信", "有威信"), ("加v", ""), ("vx", ""), ("wechat", ""), ("weixin", ""),
        ("qq", ""), ("扣扣", ""), ("淘宝", ""), ("拼多多", ""), ("抖音", ""), ("快手", ""), ("小红书", ""), ("闲鱼", ""),
        ("私聊", ""), ("加我", ""), ("扫码", ""), ("二维码", ""), ("公众号", ""), ("taobao", ""), ("whatsapp", ""),
        ("telegram", ""),
    ]),
]  # fmt: skip


def load_terms(apps, schema_editor):
    """What is there already stays as staff have left it."""
    term = apps.get_model("marketplace", "ForbiddenTerm")
    term.objects.bulk_create(
        [
            term(term=word, kind=kind, fine_in=fine, why_zh=why_zh, why_en=why_en)
            for word, kind, fine, why_zh, why_en in TERMS
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    replaces = [
        ("marketplace", "0001_initial"),
        ("marketplace", "0002_photo_claims_and_packs_typed"),
        ("marketplace", "0003_shelf_places"),
        ("marketplace", "0004_spellings_and_searches"),
        ("marketplace", "0005_sheet_imports"),
        ("marketplace", "0006_not_ones_own"),
        ("marketplace", "0007_moderation_at_depth"),
        ("marketplace", "0008_terms_and_photos_shown"),
        ("marketplace", "0009_window_version"),
        ("marketplace", "0010_window_number"),
        ("marketplace", "0011_wishes"),
        ("marketplace", "0012_reports_decided_once"),
        ("marketplace", "0013_shelve_statements"),
        ("marketplace", "0014_offers"),
        ("marketplace", "0015_confined_photos"),
        ("marketplace", "0016_share_links"),
        ("marketplace", "0017_photos_taken_away"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0011_weighing_and_packing_acts"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Listing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "not approved yet"),
                                    ("LIVE", "on sale"),
                                    ("PAUSED", "paused by the farmer"),
                                    ("TAKEN_DOWN", "taken down"),
                                ],
                                default="DRAFT",
                                max_length=10,
                            ),
                        ),
                        ("pack_grams", models.PositiveIntegerField(blank=True, null=True)),
                        ("price_fen", models.PositiveIntegerField(blank=True, null=True)),
                        ("words", models.CharField(blank=True, max_length=300)),
                        ("origin", models.CharField(blank=True, max_length=60)),
                        ("keeps_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("search_vector", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                        ("rating_sum", models.PositiveIntegerField(default=0)),
                        ("rating_count", models.PositiveIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("live_since", models.DateTimeField(blank=True, null=True)),
                        (
                            "county",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.county"
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="listings",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "province",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.region"
                            ),
                        ),
                        (
                            "approved_revision",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approved_for",
                                to="marketplace.listingrevision",
                            ),
                        ),
                        (
                            "cover",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="marketplace.photo",
                            ),
                        ),
                        (
                            "produce",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="listings",
                                to="marketplace.produce",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(fields=["search_vector"], name="listing_search"),
                            models.Index(
                                condition=models.Q(("status", "LIVE")),
                                fields=["-live_since", "-id"],
                                name="listing_newest",
                            ),
                            models.Index(
                                condition=models.Q(("status", "LIVE")),
                                fields=["produce", "-live_since"],
                                name="listing_by_produce",
                            ),
                            models.Index(
                                condition=models.Q(("status", "LIVE")),
                                fields=["county", "-live_since"],
                                name="listing_by_county",
                            ),
                            models.Index(fields=["farmer", "status"], name="listing_by_farmer"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status", "DRAFT"),
                                    models.Q(
                                        ("approved_revision__isnull", False),
                                        ("keeps_days__isnull", False),
                                        ("live_since__isnull", False),
                                        ("pack_grams__isnull", False),
                                        ("price_fen__isnull", False),
                                        ("produce__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="listing_shown_only_with_approval",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("price_fen__isnull", True),
                                    models.Q(("price_fen__gt", 0), ("price_fen__lte", 100000000)),
                                    _connector="OR",
                                ),
                                name="listing_price_sane",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("pack_grams__isnull", True),
                                    models.Q(("pack_grams__gt", 0), ("pack_grams__lte", 50000)),
                                    _connector="OR",
                                ),
                                name="listing_pack_sane",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ListingRevision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "being written"),
                                    ("WAITING", "waiting for a moderator"),
                                    ("APPROVED", "approved"),
                                    ("CHANGE_ASKED", "change asked for"),
                                    ("REJECTED", "rejected"),
                                    ("WITHDRAWN", "replaced by a newer one"),
                                ],
                                default="DRAFT",
                                max_length=12,
                            ),
                        ),
                        ("pack_grams", models.PositiveIntegerField(blank=True, null=True)),
                        ("price_fen", models.PositiveIntegerField(blank=True, null=True)),
                        ("words", models.CharField(blank=True, max_length=300)),
                        ("origin", models.CharField(max_length=60)),
                        ("keeps_days", models.PositiveSmallIntegerField()),
                        ("created_at", models.DateTimeField()),
                        ("submitted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="revisions",
                                to="marketplace.listing",
                            ),
                        ),
                        (
                            "produce",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="marketplace.produce"
                            ),
                        ),
                        (
                            "photos",
                            models.ManyToManyField(
                                related_name="revisions", through="marketplace.RevisionPhoto", to="marketplace.photo"
                            ),
                        ),
                        (
                            "packs",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="Packs typed in step two; stock itself lives on the lot that step three opens.",
                                null=True,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "WAITING")),
                                fields=["submitted_at"],
                                name="revision_waiting",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("listing"), models.F("number"), name="revision_number_once"
                            ),
                            models.UniqueConstraint(
                                models.F("listing"),
                                condition=models.Q(("status__in", ["DRAFT", "WAITING"])),
                                name="revision_one_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["DRAFT", "WITHDRAWN"]),
                                    models.Q(
                                        ("pack_grams__isnull", False),
                                        ("price_fen__isnull", False),
                                        ("submitted_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="revision_submitted_is_complete",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("price_fen__isnull", True),
                                    models.Q(("price_fen__gt", 0), ("price_fen__lte", 100000000)),
                                    _connector="OR",
                                ),
                                name="revision_price_sane",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("pack_grams__isnull", True),
                                    models.Q(("pack_grams__gt", 0), ("pack_grams__lte", 50000)),
                                    _connector="OR",
                                ),
                                name="revision_pack_sane",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("keeps_days__gt", 0)), name="revision_keeps_a_day"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Lot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("trace_code", models.CharField(max_length=16, unique=True)),
                        ("harvested", models.PositiveIntegerField()),
                        ("held", models.PositiveIntegerField(default=0)),
                        ("sold", models.PositiveIntegerField(default=0)),
                        (
                            "grade",
                            models.CharField(
                                choices=[
                                    ("SPECIAL", "special grade"),
                                    ("FIRST", "first grade"),
                                    ("SECOND", "second grade"),
                                    ("MIXED", "as it grew, mixed sizes"),
                                ],
                                default="FIRST",
                                max_length=8,
                            ),
                        ),
                        ("picked_on", models.DateField(blank=True, null=True)),
                        ("expected_from", models.DateField(blank=True, null=True)),
                        ("expected_until", models.DateField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lots",
                                to="marketplace.listing",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at__isnull", True)),
                                fields=["listing"],
                                name="lot_open_by_listing",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "harvested__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("sold"), "+", models.F("held")
                                        ),
                                    )
                                ),
                                name="lot_sold_and_held_within_harvested",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("harvested__lte", 1000000)), name="lot_harvested_sane"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("picked_on__isnull", False),
                                    models.Q(
                                        ("expected_from__isnull", False),
                                        ("expected_until__gte", models.F("expected_from")),
                                        ("expected_until__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="lot_picked_or_expected",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("order_number", models.CharField(max_length=20)),
                        ("packs", models.PositiveIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("HELD", "held"),
                                    ("SOLD", "sold"),
                                    ("RELEASED", "released unpaid"),
                                    ("RETURNED", "given back after sale"),
                                ],
                                default="HELD",
                                max_length=8,
                            ),
                        ),
                        ("expires_at", models.DateTimeField()),
                        ("created_at", models.DateTimeField()),
                        (
                            "lot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="marketplace.lot"
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds",
                                to="marketplace.offer",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["order_number"], name="hold_by_order"),
                            models.Index(fields=["lot", "status"], name="hold_by_lot"),
                        ],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("packs__gt", 0)), name="hold_of_something")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Photo",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "original",
                            models.FileField(
                                blank=True,
                                max_length=200,
                                storage=common.storage.private_storage,
                                upload_to=marketplace.models.photos.original_path,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "being prepared"),
                                    ("READY", "ready"),
                                    ("REFUSED", "could not be read"),
                                ],
                                default="WAITING",
                                max_length=8,
                            ),
                        ),
                        ("width", models.PositiveIntegerField(default=0)),
                        ("height", models.PositiveIntegerField(default=0)),
                        (
                            "sizes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveIntegerField(), blank=True, default=list, size=None
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("uploaded_at", models.DateTimeField()),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "claimed_until",
                            models.DateTimeField(blank=True, help_text="A worker has it until then.", null=True),
                        ),
                        (
                            "approved_at",
                            models.DateTimeField(blank=True, help_text="Buyers may see it since then.", null=True),
                        ),
                        (
                            "bands",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "fingerprint",
                            models.BigIntegerField(
                                blank=True, help_text="What it looks like, in 64 bits; see likeness.py.", null=True
                            ),
                        ),
                        (
                            "public_at",
                            models.DateTimeField(
                                blank=True, help_text="Its copies lie in public storage since then.", null=True
                            ),
                        ),
                        (
                            "is_confined",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Shown by the page of what it belongs to alone, which asks who looks; not even to who took it.",
                            ),
                        ),
                        (
                            "withdrawn_at",
                            models.DateTimeField(
                                blank=True, help_text="Its farmer wants it to be shown nowhere since then.", null=True
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "WAITING")), fields=["uploaded_at"], name="photo_waiting"
                            ),
                            models.Index(
                                condition=models.Q(
                                    models.Q(("status", "WAITING"), _negated=True),
                                    models.Q(("original", ""), _negated=True),
                                ),
                                fields=["uploaded_at"],
                                name="photo_original_to_delete",
                            ),
                            models.Index(
                                condition=models.Q(("approved_at__isnull", False), ("public_at__isnull", True)),
                                fields=["approved_at"],
                                name="photo_to_publish",
                            ),
                            django.contrib.postgres.indexes.GinIndex(fields=["bands"], name="photo_bands"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "READY"), _negated=True),
                                    models.Q(("height__gt", 0), ("width__gt", 0)),
                                    _connector="OR",
                                ),
                                name="photo_ready_has_size",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("public_at__isnull", True),
                                    models.Q(("approved_at__isnull", False), ("status", "READY")),
                                    _connector="OR",
                                ),
                                name="photo_public_only_approved",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_confined", False),
                                    models.Q(("approved_at__isnull", True), ("public_at__isnull", True)),
                                    _connector="OR",
                                ),
                                name="photo_confined_is_never_shown",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Produce",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=60)),
                        ("name_en", models.CharField(max_length=80)),
                        ("slug", models.SlugField(max_length=60, unique=True)),
                        ("unit", models.CharField(choices=[("KG", "kg"), ("L", "L")], default="KG", max_length=2)),
                        ("shelf_life_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                        (
                            "cold",
                            models.CharField(
                                choices=[
                                    ("NO", "no cooling needed"),
                                    ("RECOMMENDED", "better cooled"),
                                    ("YES", "must be cooled"),
                                ],
                                default="NO",
                                max_length=12,
                            ),
                        ),
                        (
                            "harvest_months",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "picture",
                            models.CharField(blank=True, help_text="A file under static/pictures/.", max_length=60),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="kinds",
                                to="marketplace.produce",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "produce",
                        "ordering": ["position"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("parent__isnull", True), ("shelf_life_days__gt", 0), _connector="OR"
                                ),
                                name="produce_kind_has_shelf_life",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RevisionPhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        (
                            "photo",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="marketplace.photo"
                            ),
                        ),
                        (
                            "revision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="photo_places",
                                to="marketplace.listingrevision",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("revision"), models.F("photo"), name="revision_photo_once"
                            ),
                            models.UniqueConstraint(
                                models.F("revision"), models.F("position"), name="revision_position_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Storefront",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField(max_length=40, unique=True)),
                        ("story", models.TextField(blank=True, max_length=2000)),
                        ("proposed_story", models.TextField(blank=True, max_length=2000)),
                        ("proposed_at", models.DateTimeField(blank=True, null=True)),
                        ("rating_sum", models.PositiveIntegerField(default=0)),
                        ("rating_count", models.PositiveIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        (
                            "farmer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="storefront",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "photo",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="marketplace.photo",
                            ),
                        ),
                        (
                            "proposed_photo",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="marketplace.photo",
                            ),
                        ),
                        (
                            "kept_story",
                            models.TextField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="Says the name of a farmer who is not to be named.",
                                max_length=2000,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("proposed_at__isnull", False)),
                                fields=["proposed_at"],
                                name="storefront_proposed",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("rating_sum__gte", models.F("rating_count")),
                                    (
                                        "rating_sum__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("rating_count"), "*", models.Value(5)
                                        ),
                                    ),
                                ),
                                name="storefront_rating_within_5",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ModerationDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("APPROVE", "approved"),
                                    ("ASK_CHANGE", "change asked for"),
                                    ("REJECT", "rejected"),
                                    ("TAKE_DOWN", "taken down"),
                                    ("RESTORE", "put back"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        ("decided_at", models.DateTimeField()),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="marketplace.listing",
                            ),
                        ),
                        (
                            "revision",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="marketplace.listingrevision",
                            ),
                        ),
                        (
                            "storefront",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="marketplace.storefront",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["decided_at", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("listing__isnull", False), ("storefront__isnull", True)),
                                    models.Q(
                                        ("listing__isnull", True),
                                        ("revision__isnull", True),
                                        ("storefront__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="decision_about_one_thing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verdict__in", ["APPROVE", "RESTORE"]),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="decision_has_reason",
                            ),
                            models.UniqueConstraint(
                                models.F("revision"),
                                condition=models.Q(("verdict__in", ["APPROVE", "ASK_CHANGE", "REJECT"])),
                                name="revision_decided_once",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="877737a2483dd54d8e63388c9b11043b010a78f1",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_6c682",
                                    table="marketplace_moderationdecision",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (COALESCE(\n    (SELECT farmer_id FROM marketplace_listing WHERE id = NEW.listing_id),\n    (SELECT farmer_id FROM marketplace_storefront WHERE id = NEW.storefront_id)\n)) AND (\n                    f.user_id = NEW.decided_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.decided_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.decided_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="40fbb49d67c27d4675bd36c6bd9e13c55bbd6a8f",
                                    operation="INSERT",
                                    pgid="pgtrigger_not_ones_own_c9b49",
                                    table="marketplace_moderationdecision",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShelfPlace",
                    fields=[
                        (
                            "listing",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="place",
                                serialize=False,
                                to="marketplace.listing",
                            ),
                        ),
                        (
                            "shown",
                            models.BooleanField(default=False, help_text="Approved, on sale, of a verified farmer."),
                        ),
                        ("women_led", models.BooleanField(default=False)),
                        (
                            "stock",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "Nothing"), (1, "Presale"), (2, "Now")], default=0
                            ),
                        ),
                        (
                            "picked_on",
                            models.DateField(help_text="The latest harvest there is some left of.", null=True),
                        ),
                        (
                            "expected_from",
                            models.DateField(help_text="The next harvest one can order ahead.", null=True),
                        ),
                        ("freshness", models.DateField(help_text="picked_on, or the year 1 without one: to sort by.")),
                        ("fen_per_kg", models.BigIntegerField(null=True)),
                        (
                            "standing",
                            models.IntegerField(
                                default=4000, help_text="1000 × the mean of stars, three buyers' 4 counted in."
                            ),
                        ),
                        ("live_since", models.DateTimeField(null=True)),
                        (
                            "county",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "produce",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="marketplace.produce",
                            ),
                        ),
                        (
                            "province",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("shown", True)),
                                fields=["-live_since", "-listing"],
                                name="place_newest",
                            ),
                            models.Index(
                                condition=models.Q(("shown", True)),
                                fields=["produce", "-live_since", "-listing"],
                                name="place_by_produce",
                            ),
                            models.Index(
                                condition=models.Q(("shown", True)),
                                fields=["county", "-live_since", "-listing"],
                                name="place_by_county",
                            ),
                            models.Index(
                                condition=models.Q(("shown", True)),
                                fields=["province", "-live_since", "-listing"],
                                name="place_by_province",
                            ),
                            models.Index(
                                condition=models.Q(("shown", True)),
                                fields=["-freshness", "-listing"],
                                name="place_freshest",
                            ),
                            models.Index(
                                condition=models.Q(("shown", True)),
                                fields=["fen_per_kg", "-listing"],
                                name="place_cheapest",
                            ),
                            models.Index(
                                condition=models.Q(("shown", True)),
                                fields=["-standing", "-listing"],
                                name="place_best_rated",
                            ),
                            models.Index(
                                condition=models.Q(("shown", True), ("women_led", True)),
                                fields=["-live_since", "-listing"],
                                name="place_women_led",
                            ),
                            models.Index(
                                condition=models.Q(("shown", True), ("stock", 1)),
                                fields=["-live_since", "-listing"],
                                name="place_presale",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SearchDay",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        ("query", models.CharField(max_length=40)),
                        ("times", models.PositiveIntegerField(default=1)),
                        ("hits", models.PositiveIntegerField(help_text="How many listings were found, the last time.")),
                    ],
                    options={
                        "verbose_name": "day's search",
                        "indexes": [models.Index(fields=["day", "-times"], name="search_day_most")],
                        "constraints": [
                            models.UniqueConstraint(models.F("day"), models.F("query"), name="search_day_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Spelling",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("PRODUCE", "Produce"),
                                    ("COUNTY", "County"),
                                    ("PROVINCE", "Province"),
                                    ("FARMER", "Farmer"),
                                    ("QUERY", "Query"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("text", models.CharField(max_length=40)),
                        ("name", models.CharField(max_length=80)),
                        (
                            "keys",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60), default=list, size=None
                            ),
                        ),
                        ("weight", models.PositiveIntegerField(default=0)),
                        (
                            "county",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "produce",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="marketplace.produce",
                            ),
                        ),
                        (
                            "province",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.region",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["text"], name="spelling_beginning", opclasses=["varchar_pattern_ops"]),
                            django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="spelling_nearly"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "PRODUCE"), ("produce__isnull", False)),
                                    models.Q(("county__isnull", False), ("kind", "COUNTY")),
                                    models.Q(("kind", "PROVINCE"), ("province__isnull", False)),
                                    models.Q(("farmer__isnull", False), ("kind", "FARMER")),
                                    models.Q(
                                        ("county", None),
                                        ("farmer", None),
                                        ("kind", "QUERY"),
                                        ("produce", None),
                                        ("province", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="spelling_of_its_kind",
                            ),
                            models.UniqueConstraint(
                                models.F("kind"),
                                models.F("text"),
                                models.F("produce"),
                                models.F("county"),
                                models.F("province"),
                                models.F("farmer"),
                                name="spelling_once",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SheetImport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("file_name", models.CharField(max_length=120)),
                        (
                            "file",
                            models.FileField(
                                blank=True, max_length=200, storage=common.storage.private_storage, upload_to="sheets/"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("CHECKING", "being looked at"),
                                    ("READY", "ready for you to look at"),
                                    ("REFUSED", "something has to be mended"),
                                    ("SAVING", "being saved"),
                                    ("DONE", "saved"),
                                    ("DROPPED", "thrown away"),
                                ],
                                default="CHECKING",
                                max_length=8,
                            ),
                        ),
                        ("row_count", models.PositiveIntegerField(default=0)),
                        ("new_count", models.PositiveIntegerField(default=0)),
                        ("changed_count", models.PositiveIntegerField(default=0)),
                        ("unchanged_count", models.PositiveIntegerField(default=0)),
                        ("problem_count", models.PositiveIntegerField(default=0)),
                        ("problems", models.JSONField(default=list)),
                        ("preview", models.JSONField(default=list)),
                        ("unknown_columns", models.JSONField(default=list)),
                        ("plan_digest", models.CharField(blank=True, max_length=64)),
                        (
                            "has_moved_on",
                            models.BooleanField(
                                default=False, help_text="Between agreeing and saving, something changed."
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        (
                            "claimed_until",
                            models.DateTimeField(blank=True, help_text="A worker has it until then.", null=True),
                        ),
                        ("uploaded_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sheet_imports",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["CHECKING", "SAVING"])),
                                fields=["uploaded_at"],
                                name="sheet_at_work",
                            ),
                            models.Index(fields=["farmer", "-uploaded_at"], name="sheet_by_farmer"),
                            models.Index(
                                condition=models.Q(("file", ""), _negated=True),
                                fields=["uploaded_at"],
                                name="sheet_with_file",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["SAVING", "DONE"]), _negated=True),
                                    ("confirmed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="sheet_saved_only_when_agreed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["READY", "SAVING", "DONE"]), _negated=True),
                                    ("problem_count", 0),
                                    _connector="OR",
                                ),
                                name="sheet_saved_only_without_problems",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportedRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.farmer"
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="marketplace.listing"
                            ),
                        ),
                        (
                            "lot",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="marketplace.lot",
                            ),
                        ),
                        (
                            "sheet",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="marketplace.sheetimport",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(models.F("farmer"), models.F("digest"), name="imported_row_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Appeal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("words", models.CharField(max_length=500)),
                        ("made_at", models.DateTimeField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "waiting for a moderator"),
                                    ("UPHELD", "the decision stands"),
                                    ("OVERTURNED", "the decision was wrong"),
                                ],
                                default="WAITING",
                                max_length=10,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="appeal",
                                to="marketplace.moderationdecision",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "WAITING")), fields=["made_at"], name="appeal_waiting"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("words", ""), _negated=True), name="appeal_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at__isnull", True),
                                        ("decided_by__isnull", True),
                                        ("status", "WAITING"),
                                    ),
                                    models.Q(
                                        ("decided_at__gte", models.F("made_at")),
                                        ("decided_by__isnull", False),
                                        models.Q(("status", "WAITING"), _negated=True),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="appeal_decided_has_reason",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (SELECT COALESCE(l.farmer_id, s.farmer_id) FROM marketplace_moderationdecision d\n    LEFT JOIN marketplace_listing l ON l.id = d.listing_id\n    LEFT JOIN marketplace_storefront s ON s.id = d.storefront_id WHERE d.id = NEW.decision_id) AND (\n                    f.user_id = NEW.decided_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.decided_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.decided_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="24529ffe87645fd2baec0e714a5b1e2f0e91bc7a",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_not_ones_own_da828",
                                    table="marketplace_appeal",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="by_another",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n                    IF EXISTS (\n                        SELECT 1 FROM marketplace_moderationdecision d\n                        WHERE d.id = NEW.decision_id AND d.decided_by_id = NEW.decided_by_id\n                    ) THEN\n                        RAISE EXCEPTION 'nobody decides an appeal against themselves' USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF EXISTS (\n                        SELECT 1 FROM marketplace_moderationdecision d\n                        WHERE d.id = NEW.decision_id AND d.verdict IN ('APPROVE', 'RESTORE')\n                    ) THEN\n                        RAISE EXCEPTION 'there is nothing to appeal against' USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ",
                                    hash="fc35d2ef61e07996f55b012c39208b8bbc3a3e71",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_by_another_e9d7b",
                                    table="marketplace_appeal",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="decided_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.status <> 'WAITING')",
                                    func="RAISE EXCEPTION 'an appeal is decided once' USING ERRCODE = 'check_violation';",
                                    hash="46ac1888570459ac0f701a072e42b7ab4747f111",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_decided_once_3d779",
                                    table="marketplace_appeal",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForbiddenTerm",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "term",
                            models.CharField(
                                help_text="Spaces and signs between its characters don't hide it.",
                                max_length=40,
                                unique=True,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("SUPERLATIVE", "superlative (advertising law)"),
                                    ("MEDICAL", "medical claim"),
                                    ("MARK", "protected mark"),
                                    ("CONTACT", "contact or another shop"),
                                    ("OTHER", "other"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "fine_in",
                            models.CharField(
                                blank=True,
                                help_text="Longer words that hold it and are fine, with spaces between: 最近 最后",
                                max_length=300,
                            ),
                        ),
                        ("why_zh", models.CharField(max_length=200)),
                        ("why_en", models.CharField(max_length=200)),
                        ("is_active", models.BooleanField(default=True)),
                    ],
                    options={
                        "ordering": ["kind", "term"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("term", ""), _negated=True), name="term_not_empty"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Report",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("about", models.CharField(max_length=40)),
                        ("link", models.CharField(max_length=200)),
                        ("shown", models.CharField(max_length=400)),
                        ("guest", models.CharField(blank=True, max_length=64)),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("FALSE", "It is not what it says"),
                                    ("COPIED", "Photos or words are somebody else's"),
                                    ("FORBIDDEN", "It may not be sold or said"),
                                    ("RUDE", "It insults somebody"),
                                    ("CONTACT", "It leads people to buy elsewhere"),
                                    ("OTHER", "Something else"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("words", models.CharField(blank=True, max_length=500)),
                        ("made_at", models.DateTimeField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "waiting for a moderator"),
                                    ("VALID", "right"),
                                    ("INVALID", "nothing found"),
                                    ("MALICIOUS", "meant to harm"),
                                ],
                                default="WAITING",
                                max_length=10,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("decision_reason", models.CharField(blank=True, max_length=500)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                help_text="Whose listing or shop it is about.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="marketplace.listing",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "WAITING")), fields=["made_at"], name="report_waiting"
                            ),
                            models.Index(fields=["reporter", "status"], name="report_by_reporter"),
                            models.Index(
                                condition=models.Q(("guest", ""), _negated=True),
                                fields=["guest", "status"],
                                name="report_by_guest",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("guest", ""), ("reporter__isnull", False)),
                                    models.Q(("reporter__isnull", True), models.Q(("guest", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="report_by_somebody",
                            ),
                            models.UniqueConstraint(
                                models.F("about"),
                                models.F("reporter"),
                                condition=models.Q(("guest", "")),
                                name="report_once_a_person",
                            ),
                            models.UniqueConstraint(
                                models.F("about"),
                                models.F("guest"),
                                condition=models.Q(("guest", ""), _negated=True),
                                name="report_once_a_guest",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at__isnull", True),
                                        ("decided_by__isnull", True),
                                        ("status", "WAITING"),
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        models.Q(("status", "WAITING"), _negated=True),
                                        models.Q(("decision_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_decided_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("decided_by", models.F("reporter")), _negated=True),
                                name="report_decided_by_another",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (NEW.farmer_id) AND (\n                    f.user_id = NEW.decided_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.decided_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.decided_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="0d22b43a3b85eed57872109d7450cd9c9fb4d4a3",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_not_ones_own_ea6bc",
                                    table="marketplace_report",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="decided_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.status <> 'WAITING')",
                                    func="RAISE EXCEPTION 'a report is decided once' USING ERRCODE = 'check_violation';",
                                    hash="516996982338e6ec12114b1830e3914f6405ae3e",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_decided_once_73acc",
                                    table="marketplace_report",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Window",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="window_is_one")],
                    },
                ),
                migrations.CreateModel(
                    name="Wish",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("query", models.CharField(blank=True, max_length=40)),
                        ("created_at", models.DateTimeField()),
                        ("checked_at", models.DateTimeField()),
                        ("told_at", models.DateTimeField(null=True)),
                        (
                            "listing",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="marketplace.listing",
                            ),
                        ),
                        (
                            "produce",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="marketplace.produce",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="wishes",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "wishes",
                        "indexes": [
                            models.Index(condition=models.Q(("told_at", None)), fields=["checked_at"], name="wish_open")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("listing__isnull", False), ("produce", None), ("query", "")),
                                    models.Q(("listing", None), ("produce__isnull", False), ("query", "")),
                                    models.Q(
                                        ("listing", None), ("produce", None), models.Q(("query", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="wish_for_one_thing",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("told_at", None)),
                                fields=("user", "listing", "produce", "query"),
                                name="wish_open_once",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Offer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("price_fen", models.PositiveIntegerField()),
                        ("packs", models.PositiveIntegerField()),
                        ("left", models.PositiveIntegerField()),
                        ("opens_at", models.DateTimeField(blank=True, null=True)),
                        ("closes_at", models.DateTimeField(blank=True, null=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offers",
                                to="marketplace.listing",
                            ),
                        ),
                        (
                            "lot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="marketplace.lot"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at", None)), fields=["closes_at"], name="offer_open"
                            ),
                            models.Index(
                                condition=models.Q(("closed_at", None)), fields=["lot"], name="offer_open_by_lot"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("left__lte", models.F("packs")), ("packs__gt", 0)),
                                name="offer_left_within_slice",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("price_fen__gt", 0), ("price_fen__lte", 100000000)),
                                name="offer_price_sane",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closes_at", None), ("opens_at", None)),
                                    models.Q(
                                        ("closes_at__gt", models.F("opens_at")),
                                        ("closes_at__isnull", False),
                                        ("opens_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="offer_announced_whole",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="stays_as_announced",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n                    IF (NEW.lot_id, NEW.listing_id, NEW.price_fen, NEW.packs)\n                       IS DISTINCT FROM (OLD.lot_id, OLD.listing_id, OLD.price_fen, OLD.packs)\n                       OR (OLD.opens_at IS NOT NULL AND (NEW.opens_at, NEW.closes_at)\n                           IS DISTINCT FROM (OLD.opens_at, OLD.closes_at))\n                       OR (OLD.closed_at IS NOT NULL AND (NEW.closed_at, NEW.left)\n                           IS DISTINCT FROM (OLD.closed_at, OLD.left)) THEN\n                        RAISE EXCEPTION 'an offer stays as it was announced' USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ",
                                    hash="87662c0968e624b21e33e2fab4984109030b6fc5",
                                    operation="UPDATE",
                                    pgid="pgtrigger_stays_as_announced_32146",
                                    table="marketplace_offer",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShareLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=8, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("LISTING", "something on sale"),
                                    ("FARM", "a farmer's shop"),
                                    ("LIVE", "a broadcast"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("thing_id", models.PositiveBigIntegerField()),
                        ("opened", models.PositiveIntegerField(default=0)),
                        ("made_at", models.DateTimeField()),
                        (
                            "sharer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="share_links",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("sharer"), models.F("kind"), models.F("thing_id"), name="share_link_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("code", ""), _negated=True), name="share_link_has_code"
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="share_link_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."sharer_id" IS DISTINCT FROM (NEW."sharer_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."thing_id" IS DISTINCT FROM (NEW."thing_id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="63ef55e84c4fa60b917ffb76cab0a03035dd05b3",
                                    operation="UPDATE",
                                    pgid="pgtrigger_share_link_fixed_e5f77",
                                    table="marketplace_sharelink",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(SHELVE + SHELVE_ROWS + SHELVE_STATEMENTS + MOVED + WINDOW, FORGET),
        migrations.RunPython(load_terms, migrations.RunPython.noop),
    ]
