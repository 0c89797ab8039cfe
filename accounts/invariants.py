"""What holds of people and places. See common/invariants.py."""

from django.conf import settings

from common.invariants import Check

CHECKS = (
    Check(
        "farmer_status_as_decided",
        "A farmer is verified, refused or suspended exactly as the last decision about them says.",
        """
        SELECT farmer.id FROM accounts_farmer farmer
        LEFT JOIN LATERAL (
            SELECT verdict FROM accounts_verificationdecision WHERE farmer_id = farmer.id ORDER BY id DESC LIMIT 1
        ) last ON true
        WHERE coalesce(last.verdict, 'NONE') NOT IN (
            SELECT unnest(CASE farmer.status
                WHEN 'VERIFIED' THEN ARRAY['VERIFY']
                WHEN 'REFUSED' THEN ARRAY['REFUSE']
                WHEN 'SUSPENDED' THEN ARRAY['SUSPEND']
                ELSE ARRAY['NONE', 'REFUSE'] END)
        )
        """,
    ),
    Check(
        "farmer_decided_by_another",
        "Nobody verified, refused or suspended themself.",
        """
        SELECT decision.id FROM accounts_verificationdecision decision
        JOIN accounts_farmer farmer ON farmer.id = decision.farmer_id
        WHERE decision.decided_by_id = farmer.user_id
        """,
    ),
    Check(
        "payee_as_last_changed",
        "A farmer's money goes to the account that the last change in force says.",
        """
        SELECT farmer.id FROM accounts_farmer farmer
        JOIN LATERAL (
            SELECT * FROM accounts_payeechange WHERE farmer_id = farmer.id AND state = 'DONE'
            ORDER BY ended_at DESC, id DESC LIMIT 1
        ) last ON true
        WHERE (farmer.payee_kind, farmer.payee_name, farmer.payee_account)
            IS DISTINCT FROM (last.payee_kind, last.payee_name, last.payee_account)
        """,
    ),
    Check(
        "number_changed_by_two",
        "Who puts in another number for somebody asks another, who is not them either, and waits for the old one to object.",
        """
        SELECT id FROM accounts_numberrecovery WHERE state = 'APPROVED' AND (
            approved_by_id = prepared_by_id OR user_id IN (prepared_by_id, approved_by_id) OR approved_at < not_before
        )
        """,
    ),
    Check(
        "payee_waits_after_recovery",
        "No change of account that was asked for after a lost number was in force before its time.",
        """
        SELECT change.id FROM accounts_payeechange change
        JOIN accounts_farmer farmer ON farmer.id = change.farmer_id
        JOIN accounts_numberrecovery recovery ON recovery.user_id = farmer.user_id AND recovery.state = 'APPROVED'
        WHERE change.asked_at >= recovery.approved_at AND change.takes_effect_at < recovery.payee_not_before
        """,
    ),
    Check(
        "email_once_in_any_case",
        "An e-mail address belongs to one person, in whatever case it is written.",
        "SELECT min(id) FROM accounts_user WHERE email IS NOT NULL GROUP BY lower(email) HAVING count(*) > 1",
    ),
    Check(
        "phone_is_international",
        "A phone number is kept in the one international form, so that one number can't be two people.",
        r"SELECT id FROM accounts_user WHERE phone !~ '^\+[1-9][0-9]{6,14}$'",
    ),
    Check(
        "address_lies_in_its_regions",
        "An address's county lies in its prefecture, and that in its province.",
        """
        SELECT address.id FROM accounts_address address
        JOIN accounts_region prefecture ON prefecture.code = address.prefecture_id
        LEFT JOIN accounts_region county ON county.code = address.county_id
        WHERE prefecture.parent_id IS DISTINCT FROM address.province_id
           OR (address.county_id IS NOT NULL AND county.parent_id IS DISTINCT FROM address.prefecture_id)
        """,
    ),
    Check(
        "papers_are_kept_privately",
        "Farmers' papers lie in their private folder, under names that were made for them.",
        r"""
        SELECT id FROM accounts_farmerdocument
        WHERE file !~ '^documents/[\w.-]+$' OR (original_name <> '' AND right(file, length(original_name)) = original_name)
        """,
    ),
    Check(
        "no_demo_people_in_production",
        "Nobody of the demo, whose sign-in everybody knows, exists in a real shop.",
        "SELECT id FROM accounts_user WHERE is_demo AND NOT %(embedded)s",
        params=lambda: {"embedded": settings.EMBEDDED},
    ),
)
