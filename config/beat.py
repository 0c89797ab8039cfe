"""What beat starts, and how often. Each is a sweep over rows that are due; a tick that is lost is made up by the next."""

BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    # `expires` keeps ticks from piling up while the workers are away: the next tick does the work of all of them.
    "deliver-notifications": {
        "task": "notifications.tasks.deliver_due",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "release-unpaid-orders": {
        "task": "orders.tasks.release_unpaid_orders",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "run-parcel-timers": {"task": "orders.tasks.run_parcel_timers", "schedule": 30.0, "options": {"expires": 30}},
    "make-pick-lists": {"task": "orders.tasks.make_pick_lists", "schedule": 60.0, "options": {"expires": 60}},
    "process-photos": {
        "task": "marketplace.tasks.process_waiting_photos",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "refresh-vocabulary": {
        "task": "marketplace.tasks.refresh_vocabulary",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "tell-when": {"task": "marketplace.tasks.tell_when", "schedule": 60.0, "options": {"expires": 60}},
    "forget-old-searches": {"task": "marketplace.tasks.forget_old_searches", "schedule": 86_400.0},
    "send-webhooks": {"task": "notifications.tasks.send_webhooks", "schedule": 15.0, "options": {"expires": 15}},
    "run-sheets": {"task": "marketplace.tasks.run_sheets", "schedule": 15.0, "options": {"expires": 15}},
    "publish-photos": {"task": "marketplace.tasks.publish_photos", "schedule": 20.0, "options": {"expires": 20}},
    "sandbox-send-notifications": {
        "task": "payments.tasks.send_sandbox_notifications",
        "schedule": 2.0,
        "options": {"expires": 2},
    },
    "query-open-payments": {"task": "payments.tasks.query_open_payments", "schedule": 30.0, "options": {"expires": 30}},
    "send-refunds": {"task": "payments.tasks.send_refunds", "schedule": 10.0, "options": {"expires": 10}},
    "follow-shares": {"task": "payments.tasks.follow_shares", "schedule": 30.0, "options": {"expires": 30}},
    "reconcile-statements": {"task": "payments.tasks.reconcile_statements", "schedule": 3600.0},
    "send-receipts": {"task": "fund.tasks.send_receipts", "schedule": 30.0, "options": {"expires": 30}},
    "offer-courses": {"task": "training.tasks.offer_courses", "schedule": 60.0, "options": {"expires": 60}},
    "count-changes": {"task": "insights.tasks.count_changes", "schedule": 10.0, "options": {"expires": 10}},
    "put-out-figures": {"task": "insights.tasks.put_out_figures", "schedule": 60.0, "options": {"expires": 60}},
    "apply-payee-changes": {
        "task": "accounts.tasks.apply_payee_changes",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget-payee-requests": {"task": "accounts.tasks.forget_payee_requests", "schedule": 3600.0},
    "sweep-kept-answers": {"task": "accounts.tasks.sweep_kept_answers", "schedule": 3600.0},
    "sweep-broadcasts": {"task": "live.tasks.sweep_broadcasts", "schedule": 15.0, "options": {"expires": 15}},
    "tell-broadcasts-watchers": {"task": "live.tasks.tell_waiting", "schedule": 15.0, "options": {"expires": 15}},
    "forget-recordings": {"task": "live.tasks.forget_recordings", "schedule": 3600.0},
    "forget-guest-carts": {"task": "orders.tasks.forget_guest_carts", "schedule": 86_400.0},
    "forget-unused-photos": {"task": "marketplace.tasks.forget_unused_photos", "schedule": 3600.0},
    "forget-unverified-people": {"task": "accounts.tasks.forget_unverified_people", "schedule": 3600.0},
}
