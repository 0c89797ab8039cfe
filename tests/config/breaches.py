"""For each check of each app, what must never be: planted past triggers, references and constraints. See tests.breaking."""

from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from marketplace.models import Photo
from tests.breaking import sql, webp, without
from tests.config.fund_breaches import FUND


def one(table: str, change: str, where: str = "true") -> str:
    """An UPDATE of the first row of a table of which `where` is true."""
    return f"UPDATE {table} SET {change} WHERE id = (SELECT min(id) FROM {table} WHERE {where})"  # noqa: S608


def gone(table: str, where: str) -> str:
    return f"DELETE FROM {table} WHERE id = (SELECT min(id) FROM {table} WHERE {where})"  # noqa: S608


def _photo_with_a_place_in_it() -> None:
    photo = Photo.objects.filter(status="READY").earliest("pk")
    storage, path = storages["default"], photo.path(photo.sizes[0])
    storage.delete(path)
    storage.save(path, ContentFile(webp(exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")))


CATALOGUE: dict[str, Callable[[], None]] = {
    "constraints_are_in_force": sql("ALTER TABLE marketplace_lot DROP CONSTRAINT lot_sold_and_held_within_harvested"),
    "indexes_are_there": sql("DROP INDEX parcel_due"),
    "triggers_are_armed": sql("ALTER TABLE orders_parcelevent DISABLE TRIGGER USER"),
    "columns_are_as_declared": sql("ALTER TABLE orders_order ALTER COLUMN total_fen DROP NOT NULL"),
    "nothing_is_orphaned": sql(
        "DELETE FROM marketplace_hold WHERE id IN (SELECT hold_id FROM orders_orderline LIMIT 1)"
    ),
    "numbers_go_on": sql("ALTER SEQUENCE orders_order_id_seq RESTART WITH 1"),
    "migrations_are_applied": sql("DELETE FROM django_migrations WHERE app = 'orders'"),
}
ACCOUNTS: dict[str, Callable[[], None]] = {
    "farmer_status_as_decided": sql(one("accounts_farmer", "status = 'SUSPENDED'")),
    "farmer_decided_by_another": sql(
        "UPDATE accounts_verificationdecision SET decided_by_id = (SELECT user_id FROM accounts_farmer WHERE id = farmer_id)"
    ),
    "payee_as_last_changed": sql(
        """INSERT INTO accounts_payeechange
               (farmer_id, payee_kind, payee_name, payee_account, asked_at, takes_effect_at, state, ended_at, reason)
           SELECT id, 'BANK', '别人', '6222020000009999995', now(), now(), 'DONE', now(), '' FROM accounts_farmer LIMIT 1"""
    ),
    "number_changed_by_two": without(
        "accounts_numberrecovery.recovery_needs_two_people",
        """INSERT INTO accounts_numberrecovery
               (user_id, former, phone, reason, proof, prepared_by_id, prepared_at, approved_by_id, approved_at, not_before,
                payee_not_before, why_dropped, state)
           SELECT min(id), '+8613700137001', '+8613700137002', 'x', 'x', max(id), now(), max(id), now(), now(), now(), '',
                  'APPROVED' FROM accounts_user""",
    ),
    "payee_waits_after_recovery": sql(
        """INSERT INTO accounts_numberrecovery
               (user_id, former, phone, reason, proof, prepared_by_id, prepared_at, approved_by_id, approved_at, not_before,
                payee_not_before, why_dropped, state)
           SELECT farmer.user_id, '+8613700137001', '+8613700137002', 'x', 'x', others.least, now(), others.most, now(), now(),
                  now() + interval '14 days', '', 'APPROVED'
           FROM accounts_farmer farmer,
                LATERAL (SELECT min(id) AS least, max(id) AS most FROM accounts_user WHERE id <> farmer.user_id) others
           LIMIT 1""",
        """INSERT INTO accounts_payeechange
               (farmer_id, payee_kind, payee_name, payee_account, asked_at, takes_effect_at, state, reason)
           SELECT farmer.id, 'BANK', '别人', '6222020000009999995', now(), now() + interval '3 days', 'WAITING', ''
           FROM accounts_farmer farmer JOIN accounts_numberrecovery recovery USING (user_id)""",
    ),
    "email_once_in_any_case": sql(one("accounts_user", "email = 'Buyer@Example.com'", "email IS NULL")),
    "phone_is_international": sql(one("accounts_user", "phone = '13800138000'", "phone IS NOT NULL")),
    "address_lies_in_its_regions": sql(one("accounts_address", "province_id = '360000'")),
    "papers_are_kept_privately": sql(one("accounts_farmerdocument", "file = 'documents/Wang land.pdf'")),
    "no_demo_people_in_production": sql(one("accounts_user", "is_demo = true")),
}
MARKETPLACE: dict[str, Callable[[], None]] = {
    "lot_conserved": without(
        "marketplace_lot.lot_sold_and_held_within_harvested", one("marketplace_lot", "sold = harvested + 1")
    ),
    "lot_counters_match_holds": sql(one("marketplace_lot", "held = held + 1")),
    "offer_counts_its_holds": sql(one("marketplace_offer", '"left" = "left" - 1')),
    "shown_is_approved": sql(gone("marketplace_moderationdecision", "verdict = 'APPROVE' AND revision_id IS NOT NULL")),
    "shown_is_what_was_approved": sql(one("marketplace_listing", "words = '野生的。'", "status = 'LIVE'")),
    "shown_photos_are_approved": sql("UPDATE marketplace_photo SET approved_at = NULL, public_at = NULL"),
    "price_within_approved": sql(one("marketplace_listing", "price_fen = price_fen * 2", "status = 'LIVE'")),
    "listing_where_its_farmer_is": sql(one("marketplace_listing", "province_id = '310000'", "status = 'LIVE'")),
    "revision_status_as_decided": sql(one("marketplace_listingrevision", "status = 'REJECTED'", "status = 'APPROVED'")),
    "taken_down_as_decided": sql(one("marketplace_listing", "status = 'LIVE'", "status = 'TAKEN_DOWN'")),
    "moderated_by_another": sql(
        """UPDATE marketplace_moderationdecision decision SET decided_by_id = farmer.user_id
           FROM marketplace_listing listing JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
           WHERE listing.id = decision.listing_id"""
    ),
    "storefront_shows_what_was_approved": sql(gone("marketplace_moderationdecision", "storefront_id IS NOT NULL")),
    "listed_produce_is_a_kind": sql(
        "UPDATE marketplace_listing SET produce_id = (SELECT id FROM marketplace_produce WHERE parent_id IS NULL LIMIT 1)"
    ),
    "public_photos_are_ready": sql(
        "UPDATE marketplace_photo SET status = 'REFUSED', public_at = NULL"
        " WHERE id IN (SELECT cover_id FROM marketplace_listing)"
    ),
    "photo_originals_are_forgotten": sql(
        one("marketplace_photo", "original = 'originals/x', uploaded_at = '2026-01-01'", "status = 'READY'")
    ),
    "photo_waits_with_its_original": sql(one("marketplace_photo", "original = ''", "status = 'WAITING'")),
    "photo_ready_has_copies": sql(one("marketplace_photo", "sizes = '{}'", "status = 'READY'")),
    "photo_files_are_clean": _photo_with_a_place_in_it,
    "shelf_place_is_true": sql(
        one("marketplace_lot", "closed_at = now()", "harvested > sold + held AND picked_on IS NOT NULL")
    ),
    "shown_can_be_found": sql(one("marketplace_listing", "search_vector = NULL", "status = 'LIVE'")),
    "search_documents_are_fresh": sql(one("marketplace_listing", "search_vector = '''else'':1A'", "status = 'LIVE'")),
    "report_judged_by_another": sql(gone("accounts_staffact", "kind LIKE 'report_%'")),
    "report_is_about_its_farmers": sql(
        """UPDATE marketplace_report SET farmer_id = (
               SELECT id FROM accounts_farmer farmer WHERE farmer.id <> marketplace_report.farmer_id LIMIT 1
           )"""
    ),
    "appeal_decided_by_another": sql(
        """UPDATE marketplace_appeal appeal SET decided_by_id = decision.decided_by_id
           FROM marketplace_moderationdecision decision WHERE decision.id = appeal.decision_id"""
    ),
    "appeal_won_is_put_right": sql(
        """UPDATE marketplace_moderationdecision SET verdict = 'TAKE_DOWN' WHERE id = (
               SELECT max(id) FROM marketplace_moderationdecision WHERE verdict = 'RESTORE')"""
    ),
}
ORDERS: dict[str, Callable[[], None]] = {
    "attribution_leads_to_another": sql(
        "UPDATE marketplace_sharelink SET sharer_id = (SELECT buyer_id FROM orders_order ORDER BY id LIMIT 1)"
    ),
    "order_is_its_parcels": sql(one("orders_order", "goods_fen = goods_fen + 1, total_fen = total_fen + 1")),
    "parcel_is_its_lines": sql(one("orders_parcel", "weight_grams = weight_grams - 1")),
    "parcel_carries_its_orders_number": sql(one("orders_parcel", "number = 'AAAAA-BBBBB-1'")),
    "line_is_of_its_hold": without("orders_orderline.order_line_adds_up", one("orders_orderline", "packs = packs + 1")),
    "sold_was_approved": sql("DELETE FROM marketplace_moderationdecision WHERE verdict = 'APPROVE'"),
    "packs_set_aside_are_ordered": sql(gone("orders_orderline", "true")),
    "hold_stands_as_its_parcel": sql(one("marketplace_hold", "status = 'RELEASED'", "status = 'SOLD'")),
    "hold_lapses_with_its_order": sql(
        one("marketplace_hold", "expires_at = expires_at + interval '1 day'", "status = 'HELD'")
    ),
    "order_stands_as_its_parcels": sql(one("orders_order", "status = 'PAID', paid_at = now()", "status = 'UNPAID'")),
    "order_paid_has_its_time": sql(one("orders_order", "paid_at = now()", "status = 'RELEASED'")),
    "promised_by_its_buyer_for_one_parcel": sql("DELETE FROM orders_parcelevent WHERE event = 'PROMISE'"),
    "parcel_stands_where_it_was_moved": sql(one("orders_parcel", "state = 'RECEIVED'", "state = 'TO_PACK'")),
    "parcel_events_join_up": sql(gone("orders_parcelevent", "event = 'POST'")),
    "parcel_events_obey_the_clock": sql(one("orders_parcelevent", "moved_to = 'SETTLED'", "event = 'PAY'")),
    "parcel_moved_by_one_who_may": sql(one("orders_parcelevent", "actor_id = NULL", "event = 'POST'")),
    "parcel_timer_is_wound": sql(one("orders_parcel", "timer = '', timer_at = NULL", "timer = 'REMIND'")),
    "parcel_has_its_times": sql(one("orders_parcel", "received_at = NULL", "state = 'SETTLED'")),
    "parcel_events_are_told": sql(gone("notifications_notification", "kind = 'parcel_to_pack'")),
    "order_moves_are_told": sql(gone("notifications_notification", "kind = 'order_released'")),
    "review_by_its_buyer": sql(
        "UPDATE orders_review SET buyer_id = (SELECT id FROM accounts_user WHERE is_moderator LIMIT 1)"
    ),
    "review_shown_as_decided": sql(gone("orders_reviewdecision", "true")),
    "review_decided_by_another": sql(
        "UPDATE orders_reviewdecision SET decided_by_id = (SELECT min(buyer_id) FROM orders_review)"
    ),
    "review_photos_shown_are_ready": sql(
        "UPDATE marketplace_photo SET status = 'WAITING', public_at = NULL"
        " WHERE id IN (SELECT photo_id FROM orders_reviewphoto)"
    ),
    "listing_stars_are_counted": sql(
        one("marketplace_listing", "rating_sum = rating_sum + 5, rating_count = rating_count + 1")
    ),
    "storefront_stars_are_counted": sql(one("marketplace_storefront", "rating_sum = rating_sum + 1")),
}
PAYMENTS: dict[str, Callable[[], None]] = {
    "share_reward_is_booked": sql("UPDATE payments_sharereward SET fen = fen + 1"),
    "coupons_are_owed": sql("DELETE FROM payments_couponpaid"),
    "share_reward_is_due": sql("UPDATE orders_attribution SET refused = 'RING'"),
    "coupon_is_used_once": sql("UPDATE orders_couponuse SET returned_at = now()"),
    "payment_is_its_orders_total": sql(one("payments_payment", "amount_fen = amount_fen + 1")),
    "order_paid_by_one_payment": sql(gone("payments_payment", "status = 'SUCCEEDED'")),
    "one_live_payment_per_order": without(
        "payments_payment.payment_one_live_per_order",
        """INSERT INTO payments_payment (order_id, gateway, reference, trade_number, amount_fen, status, started_at, queries)
           SELECT order_id, gateway, 'again', '', amount_fen, status, started_at, 0
           FROM payments_payment WHERE status = 'STARTED' LIMIT 1""",
    ),
    "payment_that_came_has_its_trade": sql(one("payments_payment", "paid_at = NULL", "status = 'SUCCEEDED'")),
    "refunds_within_payment": sql(one("payments_refund", "amount_fen = 99999999")),
    "refund_of_money_that_came": sql(
        "UPDATE payments_payment SET status = 'FAILED' WHERE id IN (SELECT payment_id FROM payments_refund)"
    ),
    "unwanted_payment_goes_back_whole": sql(gone("payments_refund", "reason = 'PAID_TWICE'")),
    "parcel_refunds_add_up": sql(one("orders_parcel", "refunded_fen = 1", "refunded_fen = 0")),
    "cancelled_parcel_is_refunded": sql(gone("payments_refund", "reason = 'CANCELLED'")),
    "ledger_entries_balance": sql(one("payments_leg", "fen = fen + 1")),
    "money_that_came_is_booked": sql(
        "DELETE FROM payments_leg USING payments_entry WHERE entry_id = payments_entry.id AND kind = 'PAID'",
    ),
    "refunds_are_booked": sql(one("payments_refund", "status = 'DUE', done_at = NULL", "status = 'DONE'")),
    "nobody_has_less_than_nothing_of_a_line": sql(one("payments_leg", "fen = 99999999", "line_id IS NOT NULL")),
    "line_shares_add_up": sql(one("orders_orderline", "postage_fen = postage_fen + 1")),
    "order_money_is_accounted_for": sql(one("payments_refund", "amount_fen = amount_fen - 1")),
    "claim_open_while_parcel_claimed": sql(gone("payments_claim", "state = 'OPEN'")),
    "claim_events_are_claims": sql(gone("payments_claim", "state = 'WITHDRAWN'")),
    "claim_is_paid_as_decided": without(
        "payments_claim.claim_decided_within_asked",
        one("payments_claim", "decided_fen = decided_fen + 1", "state = 'AGREED'"),
    ),
    "claim_counts_make_its_sum": sql(one("payments_claimitem", "fen = fen + 1")),
    "claim_is_borne_by_its_cause": sql(one("payments_claim", "cause = 'PLATFORM'", "state = 'AGREED'")),
    "claim_appeal_by_another": sql(one("payments_claimappeal", "decided_by_id = by_id")),
    "claim_ended_by_one_who_may": sql(
        one("payments_claim", "decided_by_id = (SELECT min(buyer_id) FROM orders_order)", "state = 'DECIDED'")
    ),
    "money_going_back_is_told": sql(gone("notifications_notification", "kind = 'refund_done'")),
    "claim_moves_are_told": sql(gone("notifications_notification", "kind = 'claim_decided'")),
    "payout_is_its_lines": sql(one("payments_payout", "amount_fen = amount_fen + 1")),
    "payouts_under_way_are_booked": sql(one("payments_payout", "state = 'DROPPED'", "state IN ('WAITING', 'SENT')")),
    "payout_left_once": sql(
        "DELETE FROM payments_leg USING payments_entry WHERE entry_id = payments_entry.id AND kind = 'PAID_OUT'"
    ),
    "payout_approved_by_another": without(
        "payments_payoutbatch.payout_batch_needs_two_people",
        one("payments_payoutbatch", "approved_by_id = prepared_by_id", "state = 'SENT'"),
    ),
    "payout_stands_as_its_batch": sql(one("payments_payout", "state = 'SENT'", "state = 'WAITING'")),
    "payout_end_is_told": sql(gone("notifications_notification", "kind = 'payout_paid'")),
    "receiving_code_is_its_farmers_word": sql(one("payments_receivingcode", "tries = 0")),
    "receiving_code_decided_by_another": sql(
        "UPDATE payments_receivingcode SET decided_by_id = (SELECT user_id FROM accounts_farmer WHERE id = farmer_id)"
    ),
    "paid_directly_by_the_farmers_own_code": sql(
        "UPDATE payments_receivingcode SET farmer_id = (SELECT max(id) FROM accounts_farmer)"
    ),
    "direct_money_is_all_the_farmers": sql(
        one("payments_payment", "gateway = 'offline'", "gateway <> 'offline' AND status = 'SUCCEEDED'")
    ),
    "direct_payment_is_asked_about": sql(gone("notifications_notification", "kind = 'offline_said'")),
    "promised_order_has_its_payment": sql(
        one("payments_payment", "status = 'CLOSED'", "gateway = 'on_delivery' AND status = 'STARTED'")
    ),
    "nothing_is_booked_before_the_money_came": sql(
        """UPDATE orders_order SET status = 'PROMISED', paid_at = NULL WHERE id IN (
               SELECT order_id FROM payments_payment WHERE gateway = 'on_delivery' AND status = 'SUCCEEDED')"""
    ),
    "money_on_delivery_by_its_farmers_word": sql(
        """UPDATE payments_gatewaymessage SET payload = '{"said_by": 0}' WHERE gateway = 'on_delivery'"""
    ),
    "farmer_is_asked_for_the_money": sql("DELETE FROM notifications_notification WHERE kind = 'on_delivery_ask'"),
}
NOTIFICATIONS: dict[str, Callable[[], None]] = {
    "notification_has_words": sql(one("notifications_notification", "kind = 'advertisement'")),
    "delivered_once": without(
        "notifications_delivery.delivery_once_per_channel",
        """INSERT INTO notifications_delivery
               (notification_id, channel, address, status, attempts, due_at, sent_at, provider_id, last_error)
           SELECT notification_id, channel, address, status, attempts, due_at, sent_at, provider_id, last_error
           FROM notifications_delivery LIMIT 1""",
    ),
    "delivery_sent_was_tried": sql(one("notifications_delivery", "attempts = 0", "status = 'SENT'")),
    "delivery_claim_lapses": sql(
        one("notifications_delivery", "status = 'SENDING', sent_at = NULL, due_at = '2099-01-01'", "status = 'SENT'")
    ),
    "carried_as_its_carrier": sql(
        """UPDATE notifications_delivery SET carried_by_id = (SELECT max(id) FROM notifications_delivery)
           WHERE id = (SELECT min(id) FROM notifications_delivery)"""
    ),
    "outbox_message_is_its_delivery": sql(one("notifications_outboxmessage", "address = 'else@example.com'")),
    "codes_go_out_by_one_way": sql(
        """DELETE FROM notifications_delivery WHERE notification_id IN (
               SELECT id FROM notifications_notification WHERE kind = 'sign_in_code')"""
    ),
    "codes_are_forgotten": sql(
        one("notifications_notification", """context = '{"code": "1"}'""", "kind = 'sign_in_code'")
    ),
}
TRAINING: dict[str, Callable[[], None]] = {
    "courses_can_be_finished": sql(gone("training_answer", "is_right")),
    "certificate_follows_a_lesson": sql("DELETE FROM training_lessondone"),
}
SPECIALISTS: dict[str, Callable[[], None]] = {
    "act_by_a_consent_that_stood": sql("UPDATE accounts_consent SET given_at = given_at + interval '1 day'"),
    "act_is_about_its_farmers_things": sql(one("accounts_delegatedact", "about = 'lot:0'", "kind = 'LOT'")),
    "act_is_told": sql(gone("notifications_notification", "kind = 'done_for_you'")),
    "act_has_its_record": sql(gone("specialists_pricechange", "true")),
    "done_for_somebody_is_an_act": sql(one("accounts_delegatedact", "about = 'parcel:0'", "kind = 'PARCEL'")),
    "consent_paper_looked_at_by_another": sql(gone("accounts_staffact", "kind = 'consent_accept'")),
}
INSIGHTS: dict[str, Callable[[], None]] = {
    "sales_are_as_the_ledger_says": sql(
        "UPDATE insights_sale SET goods_fen = goods_fen + 1 WHERE line_id = (SELECT min(line_id) FROM insights_sale)"
    ),
    "roll_up_is_its_lines": sql(one("insights_dayfigure", "grams = grams + 1")),
    "public_months_are_their_sales": sql("UPDATE insights_month SET sold_fen = 1, is_stale = false"),
}
BREACHES = {
    **CATALOGUE,
    **ACCOUNTS,
    **MARKETPLACE,
    **ORDERS,
    **PAYMENTS,
    **NOTIFICATIONS,
    **TRAINING,
    **SPECIALISTS,
    **FUND,
    **INSIGHTS,
}
